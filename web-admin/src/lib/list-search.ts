/** What the address bar holds of a list: its filters by name, and the cursor it continues after. */
export type ListSearch = { after?: string } & Record<string, string | undefined>;

export const listSearch = (search: Record<string, unknown>): ListSearch =>
  Object.fromEntries(
    Object.entries(search)
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
      .map(([key, value]) => [key, String(value)]),
  );
