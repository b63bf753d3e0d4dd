// The words of the page in the customer's language, which are files: words/en.json and its like.

export class Words {
  #known = {};
  #wanted = "";
  language = "en";

  /** Go over to a language, with English where it has no words. */
  async use(language) {
    this.#wanted = language;
    const words = (await this.#load(language)) ?? (await this.#load("en"));
    if (words === null || this.#wanted !== language) return;
    this.language = language;
    this.#known = words;
    document.documentElement.lang = language;
    this.apply(document);
  }

  /** A phrase, with its {places} filled. */
  get(name, places = {}) {
    return (this.#known[name] ?? "").replace(/\{(\w+)\}/g, (_, place) => places[place] ?? "");
  }

  /** Write the words into all that names them. */
  apply(root) {
    for (const node of root.querySelectorAll("[data-word]")) node.textContent = this.get(node.dataset.word);
    for (const node of root.querySelectorAll("[data-word-label]")) node.ariaLabel = this.get(node.dataset.wordLabel);
    for (const node of root.querySelectorAll("[data-word-placeholder]")) {
      node.placeholder = this.get(node.dataset.wordPlaceholder);
    }
  }

  money(amountMinor, currency) {
    const format = new Intl.NumberFormat(this.language, { style: "currency", currency });
    return format.format(amountMinor / 10 ** format.resolvedOptions().maximumFractionDigits);
  }

  /** "a, b and c" */
  list(names) {
    return new Intl.ListFormat(this.language).format(names);
  }

  async #load(language) {
    if (!/^[a-z]{2,3}$/.test(language)) return null;
    const answer = await fetch(new URL(`words/${language}.json`, import.meta.url)).catch(() => null);
    return answer?.ok ? answer.json() : null;
  }
}
