// Pictures in a form: stored ones, and ones on their way.

/** A picture as a form holds it. Without an id it is on its way, or did not arrive. */
export type Shot = { key: string; name: string; url: string; id?: string; progress?: number; problem?: string };

/** A picture the server has. */
export const stored = ({ id, url }: { id: string; url: string }, name = ""): Shot => ({ key: id, id, url, name });

/** The ids of those that arrived, in their order. */
export const idsOf = (shots: readonly Shot[] | undefined) => (shots ?? []).flatMap(({ id }) => id ?? []);

/** The same pictures, one of them at another place; out of bounds, nothing moves. */
export function moved(shots: readonly Shot[], from: number, to: number): Shot[] {
  const next = [...shots];
  if (!next[from] || !next[to]) return next;
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** The same pictures, with something new about one of them; one that was taken away meanwhile stays away. */
export const changed = (shots: readonly Shot[], key: string, news: Partial<Shot>): Shot[] =>
  shots.map((shot) => (shot.key === key ? { ...shot, ...news } : shot));

/** Why the pictures cannot be sent yet, as the key of a sentence. */
export function shotsProblem(shots: readonly Shot[] | undefined): "pictures.waiting" | "pictures.broken" | undefined {
  const missing = (shots ?? []).filter(({ id }) => !id);
  if (missing.length === 0) return undefined;
  return missing.some(({ problem }) => problem) ? "pictures.broken" : "pictures.waiting";
}
