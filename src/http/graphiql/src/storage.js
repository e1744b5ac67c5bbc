// What GraphiQL remembers, apart for each endpoint of this origin.

/** A `Storage` that keeps its names under the endpoint's path. */
export function storageOf(endpoint) {
  const prefix = `${endpoint}:`;
  const names = () => Object.keys(localStorage).filter((name) => name.startsWith(prefix));
  return {
    getItem: (name) => localStorage.getItem(prefix + name),
    setItem: (name, value) => localStorage.setItem(prefix + name, value),
    removeItem: (name) => localStorage.removeItem(prefix + name),
    clear: () => names().forEach((name) => localStorage.removeItem(name)),
    get length() {
      return names().length;
    },
  };
}
