// The one list of capabilities. A capability is a folder; a line here gives it its routes, its place in the menu and
// its texts.
import { afterSale } from "@/app/after-sale";
import { bargain } from "@/app/bargain";
import { crowdfunding } from "@/app/crowdfunding";
import { customers } from "@/app/customers";
import { flashSale } from "@/app/flash-sale";
import { groupBuy } from "@/app/group-buy";
import { money } from "@/app/money";
import { orders } from "@/app/orders";
import { presale } from "@/app/presale";
import { products } from "@/app/products";
import { promotions } from "@/app/promotions";
import { signInTexts } from "@/app/sign-in/texts";
import { system } from "@/app/system";
import type { Permission } from "@/gql/graphql";
import type { Texts } from "@/lib/i18n";
import { common } from "@/lib/texts";

export type Capability = {
  /** The namespace of its texts; the menu shows `<name>:nav`. */
  name: string;
  texts: Texts;
  /** Its entry in the menu, shown to those who may use it. */
  nav: { to: string; icon: React.ReactNode; permission: Permission };
  /** Its pages, loaded when first opened. */
  routes: { path: string; page: () => Promise<{ default: React.ComponentType }> }[];
};

export const capabilities: Capability[] = [
  groupBuy,
  bargain,
  flashSale,
  presale,
  crowdfunding,
  products,
  orders,
  afterSale,
  promotions,
  customers,
  money,
  system,
];

export const namespaces: Record<string, Texts> = {
  common,
  signIn: signInTexts,
  ...Object.fromEntries(capabilities.map(({ name, texts }) => [name, texts])),
};
