// Small things this browser remembers. Without a store (private windows) they last as long as the page.

const fallback = new Map();

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return fallback.get(name) ?? null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    fallback.set(name, value);
  }
}
