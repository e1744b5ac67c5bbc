// Shelves: how they are called with the shelves above them, and in which order.
import type { ShelvesQuery } from "@/gql/graphql";
import { graphql } from "@/lib/graphql";
import { inLanguage, type Language } from "@/lib/i18n";

export const shelvesDocument = graphql(`
  query Shelves { categories { id parentId position name { zhCn en } icon { id url } } }
`);

export type Shelf = ShelvesQuery["categories"][number];

/** The shelves on a shelf, in their order. */
export const onShelf = (shelves: readonly Shelf[], parent: string | null) =>
  shelves
    .filter(({ parentId }) => (parentId ?? null) === parent)
    .sort((one, other) => one.position - other.position || one.id.localeCompare(other.id));

/** Every shelf with the shelves above it in its name, each below the one it stands on. */
export function pathsOf(
  shelves: readonly Shelf[],
  language: Language,
  parent: string | null = null,
  above = "",
): { value: string; label: string }[] {
  return onShelf(shelves, parent).flatMap((shelf) => {
    const label = above + inLanguage(shelf.name, language);
    return [{ value: shelf.id, label }, ...pathsOf(shelves, language, shelf.id, `${label} / `)];
  });
}

/** The shelf and everything on it: where it cannot be put. */
export const withAllOn = (shelves: readonly Shelf[], id: string): string[] => [
  id,
  ...onShelf(shelves, id).flatMap((shelf) => withAllOn(shelves, shelf.id)),
];
