// What decides a price, and where it is looked at.
const places: Record<string, (id: string) => string> = {
  group_buy: (id) => `/group-buy/${id}`,
  flash_sale: (id) => `/flash-sale/${id}`,
  bargain: (id) => `/bargain/${id}`,
  presale: (id) => `/presale/${id}`,
  crowdfunding: (id) => `/crowdfunding/${id}`,
  time_discount: () => "/promotions/discounts",
  member_price: () => "/promotions/members",
};

/** Its page here, where there is one. */
export const placeOf = ({ kind, id }: { kind: string; id: string }) => places[kind]?.(id);

/** The key of its name. */
export const kindKey = (kind: string) => (kind === "list" || kind in places ? `kind.${kind}` : "kind.other");
