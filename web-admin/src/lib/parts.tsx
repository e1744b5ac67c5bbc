import { Avatar } from "antd";
import { useTranslation } from "react-i18next";
import { formatMoney, type Money } from "@/lib/money";

export function Price({ money }: { money: Money }) {
  const { i18n } = useTranslation();
  return <>{formatMoney(money, i18n.language)}</>;
}

/** The lowest price, and the highest when they differ. */
export function PriceRange({ prices }: { prices: { price: Money }[] }) {
  const { t } = useTranslation();
  const sorted = prices.map(({ price }) => price).sort((a, b) => a.amount - b.amount);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (!low || !high) return <>{t("none")}</>;
  return (
    <>
      <Price money={low} />
      {high.amount !== low.amount && (
        <>
          {" – "}
          <Price money={high} />
        </>
      )}
    </>
  );
}

/** A product picture; decoration, since the name stands beside it. */
export const Picture = ({ url }: { url: string | null | undefined }) =>
  url ? <img className="picture" src={url} alt="" loading="lazy" /> : <span className="picture" aria-hidden="true" />;

/** A face, or the first letter of the name on a colour of its own. */
export function Face({
  customer,
  size,
}: {
  customer: { id: string; nickname: string; avatarUrl?: string | null };
  size: number;
}) {
  const hue = [...customer.id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return (
    <Avatar
      size={size}
      src={customer.avatarUrl || undefined}
      alt=""
      style={customer.avatarUrl ? {} : { background: `hsl(${hue} 55% 45%)` }}
    >
      {[...customer.nickname][0]}
    </Avatar>
  );
}
