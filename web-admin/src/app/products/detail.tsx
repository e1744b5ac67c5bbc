import { EditOutlined } from "@ant-design/icons";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Button, Card, Descriptions, Image, Result, Skeleton, Space, Statistic, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { Failed } from "@/lib/errors";
import { inLanguage, useLanguage } from "@/lib/i18n";
import { StateTag, When } from "@/lib/list-page";
import { Page } from "@/lib/page";
import { Picture, Price, PriceRange } from "@/lib/parts";
import { useRead } from "@/lib/query";
import { useViewer } from "@/lib/viewer";
import { PublishButton } from "./actions";
import { type Product, productDocument, type Sku } from "./article";
import { PriceHistory } from "./prices";
import { kindKey, placeOf } from "./sources";
import { productStates } from "./states";
import { AdjustStock, StockJournal, useOpened } from "./stock";

type Offer = Product["offers"][number];

export default function ProductDetail() {
  const { t } = useTranslation("products");
  const { t: tCommon } = useTranslation();
  const { id } = useParams({ strict: false }) as { id: string };
  const { language } = useLanguage();
  const { can } = useViewer();
  const navigate = useNavigate();
  const { data, error, refetch } = useRead(productDocument, { id }, { refetchInterval: 5_000 });
  const product = data?.product;
  const mayWrite = can("CATALOG_WRITE");

  if (error && !product) return <Failed error={error} retry={refetch} />;
  if (!data) return <Skeleton active title paragraph={{ rows: 8 }} />;
  if (!product) return <Result status="404" title={tCommon("gone")} />;
  const title = inLanguage(product.title, language);
  return (
    <Page
      title={title}
      crumbs={[{ label: t("title"), to: "/products" }]}
      aside={<StateTag states={productStates} value={product.status} />}
      actions={
        mayWrite && (
          <Space>
            <Button icon={<EditOutlined />} onClick={() => navigate({ to: `/products/${id}/edit` })}>
              {t("edit.open")}
            </Button>
            <PublishButton product={{ id, status: product.status, title }} />
          </Space>
        )
      }
    >
      {error && <Failed error={error} retry={refetch} />}
      <div className="facts" data-testid="product">
        <AsShown product={product} />
        <Card>
          <div className="tallies-row">
            <Statistic title={t("columns.stock")} value={available(product)} />
            <Statistic title={t("reserved")} value={sum(product, (sku) => sku.stock?.reserved)} />
            <Statistic title={t("columns.sold")} value={product.soldCount} />
          </div>
          <About product={product} />
        </Card>
      </div>
      <h2>{t("form.variants")}</h2>
      <Variants product={product} mayWrite={mayWrite} />
    </Page>
  );
}

const active = (product: Product) => product.skus.filter(({ status }) => status === "ACTIVE");
const sum = (product: Product, of: (sku: Sku) => number | undefined) =>
  active(product).reduce((total, sku) => total + (of(sku) ?? 0), 0);
const available = (product: Product) => sum(product, (sku) => sku.stock?.available);

/** The price as the mall shows it, with what is struck through and whose price that is. */
function ShownPrice({ offer }: { offer: Offer }) {
  const { t } = useTranslation("products");
  return (
    <span className="shown-price">
      <strong>
        <Price money={offer.price} />
      </strong>
      {offer.compareAt && (
        <span className="quiet">
          <del>
            <span className="visually-hidden">{t("struck")} </span>
            <Price money={offer.compareAt} />
          </del>{" "}
          {offer.compareBase && t(`struckBase.${offer.compareBase}`)}
        </span>
      )}
    </span>
  );
}

/** The article as a shopper meets it. */
function AsShown({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const { language } = useLanguage();
  const cheapest = [...product.offers].sort((a, b) => a.price.amount - b.price.amount)[0];
  const { min, max } = product.priceRange;
  return (
    <Card className="as-shown" title={t("asShown")}>
      {product.media.length > 0 ? (
        <Image.PreviewGroup>
          <div className="as-shown-media">
            {product.media.map((media, nth) => (
              <Image key={media.id} src={media.url} alt={t("pictureOf", { n: nth + 1 })} />
            ))}
          </div>
        </Image.PreviewGroup>
      ) : (
        <p className="quiet">{t("noPictures")}</p>
      )}
      {cheapest ? (
        <p className="as-shown-price">
          <ShownPrice offer={cheapest} />
        </p>
      ) : (
        <p className="as-shown-price">
          <strong>
            <PriceRange prices={[{ price: min }, { price: max }]} />
          </strong>
        </p>
      )}
      <p className="as-shown-title">{inLanguage(product.title, language)}</p>
      <p className="quiet">{inLanguage(product.subtitle, language)}</p>
      {product.options.map((option) => (
        <p key={inLanguage(option.name, language)} className="as-shown-option">
          <span className="quiet">{inLanguage(option.name, language)}</span>
          {option.values.map((value) => (
            <Tag key={inLanguage(value, language)}>{inLanguage(value, language)}</Tag>
          ))}
        </p>
      ))}
      {product.status !== "ON_SALE" && <p className="quiet">{t("notShown")}</p>}
      {product.status === "ON_SALE" && (
        <a href="/" target="_blank" rel="noopener">
          {t("toShop")}
        </a>
      )}
    </Card>
  );
}

function About({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const { t: tCommon } = useTranslation();
  const { language } = useLanguage();
  const description = inLanguage(product.description, language);
  return (
    <>
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2 }}
        items={[
          {
            key: "shelves",
            label: t("form.categories"),
            children: product.categories.map(({ name }) => inLanguage(name, language)).join("、") || tCommon("none"),
          },
          { key: "reference", label: t("form.reference"), children: product.externalReference || tCommon("none") },
          { key: "virtual", label: t("form.virtual"), children: tCommon(product.isVirtual ? "yes" : "no") },
          { key: "published", label: t("publishedAt"), children: <When at={product.publishedAt} /> },
          { key: "created", label: t("createdAt"), children: <When at={product.createdAt} /> },
          { key: "updated", label: t("columns.updatedAt"), children: <When at={product.updatedAt} /> },
          ...product.attributes.map(({ name, value }, nth) => ({
            key: `fact${nth}`,
            label: inLanguage(name, language),
            children: inLanguage(value, language),
          })),
        ]}
      />
      {description && <p className="said">{description}</p>}
    </>
  );
}

function Variants({ product, mayWrite }: { product: Product; mayWrite: boolean }) {
  const { t } = useTranslation("products");
  const { t: tCommon } = useTranslation();
  const { language } = useLanguage();
  const { opened, open, close } = useOpened<"prices" | "stock" | "journal">();
  const offers = new Map(product.offers.map((offer) => [offer.skuId, offer]));
  const name = (sku: Sku) => inLanguage(sku.label, language) || inLanguage(product.title, language);
  const retired = product.skus.length - active(product).length;
  return (
    <>
      <Table
        size="middle"
        rowKey="id"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={active(product)}
        columns={[
          {
            title: t("form.column.label"),
            render: (_, sku) => (
              <span className="open">
                {sku.image && <Picture url={sku.image.url} />} {inLanguage(sku.label, language) || t("form.onlySku")}
              </span>
            ),
          },
          { title: t("form.column.code"), render: (_, sku) => <code>{sku.code}</code> },
          {
            title: t("form.column.stock"),
            align: "end",
            className: "numeric",
            render: (_, sku) =>
              sku.stock?.available ? (
                <span data-testid="available">{sku.stock.available}</span>
              ) : (
                <span className="due-soon">{t("soldOut")}</span>
              ),
          },
          {
            title: t("form.column.price"),
            align: "end",
            className: "numeric",
            render: (_, sku) => <Price money={sku.price} />,
          },
          {
            title: t("form.column.market"),
            align: "end",
            className: "numeric",
            render: (_, sku) =>
              sku.marketPrice ? (
                <>
                  <del>
                    <Price money={sku.marketPrice} />
                  </del>
                  {sku.marketPriceBase && <div className="quiet">{t(`base.${sku.marketPriceBase}.name`)}</div>}
                </>
              ) : (
                tCommon("none")
              ),
          },
          {
            title: t("nowAsked"),
            render: (_, sku) => {
              const offer = offers.get(sku.id);
              return offer ? <NowAsked offer={offer} /> : tCommon("none");
            },
          },
          {
            title: t("form.column.weight"),
            align: "end",
            className: "numeric",
            render: (_, sku) => `${sku.weightGrams} ${t("grams")}`,
          },
          {
            title: t("columns.actions"),
            fixed: "end",
            className: "row-actions",
            render: (_, sku) => (
              <Space size={4} wrap>
                {mayWrite && (
                  <Button
                    size="small"
                    aria-label={`${t("stock.open")}: ${name(sku)}`}
                    onClick={() => open("stock", sku, name(sku))}
                  >
                    {t("stock.open")}
                  </Button>
                )}
                <Button
                  size="small"
                  aria-label={`${t("stock.openJournal")}: ${name(sku)}`}
                  onClick={() => open("journal", sku, name(sku))}
                >
                  {t("stock.openJournal")}
                </Button>
                <Button
                  size="small"
                  aria-label={`${t("history.show")}: ${name(sku)}`}
                  onClick={() => open("prices", sku, name(sku))}
                >
                  {t("history.show")}
                </Button>
              </Space>
            ),
          },
        ]}
      />
      {retired > 0 && <p className="quiet">{t("retired", { count: retired })}</p>}
      {opened?.what === "prices" && <PriceHistory sku={opened.sku} name={opened.name} close={close} />}
      {opened?.what === "stock" && <AdjustStock sku={opened.sku} name={opened.name} close={close} />}
      {opened?.what === "journal" && <StockJournal sku={opened.sku} name={opened.name} close={close} />}
    </>
  );
}

/** What a shopper pays now, what lowers it, and the play that sells it. */
function NowAsked({ offer }: { offer: Offer }) {
  const { t } = useTranslation("products");
  // Whose the strike-through price is stands in its own column; what was worked out stands nowhere else.
  const workedOut = offer.compareBase === "LOWEST_OF_SEVEN_DAYS";
  return (
    <>
      <ShownPrice offer={workedOut ? offer : { ...offer, compareAt: null }} />
      {[offer.appliedActivity, offer.play].map((activity) => {
        if (!activity) return null;
        const to = placeOf(activity);
        const tag = <Tag color="purple">{t(kindKey(activity.kind))}</Tag>;
        return (
          <div key={activity.kind} className="activity">
            {tag} {to ? <Link to={to}>{activity.title}</Link> : activity.title}
          </div>
        );
      })}
      {offer.endsAt && (
        <div className="quiet">
          {t("until")} <When at={offer.endsAt} />
        </div>
      )}
    </>
  );
}
