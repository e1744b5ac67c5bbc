// What was entered and not saved yet: kept in this tab, so that a reload, a lost session or a wrong click loses nothing.
const PREFIX = "liebian.admin.draft.";

export const draftOf = <E>(what: string): E | undefined => {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + what) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
};

export function keepDraft(what: string, entered: unknown) {
  try {
    sessionStorage.setItem(PREFIX + what, JSON.stringify(entered));
  } catch {
    // A full or forbidden storage: the form still holds everything.
  }
}

export const dropDraft = (what: string) => sessionStorage.removeItem(PREFIX + what);

/** Nobody who signs in later finds them. */
export function dropDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}
