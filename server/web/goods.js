// What is shown beside the talk: products, the way to them, the order and its payment, and what staff must approve.

import { link } from "./captions.js";
import { drawPath } from "./path.js";

const STEPS = [
  ["step_order", ["cart", "reserved"]],
  ["step_payment", ["confirmed", "authorised"]],
  ["step_goods", ["dispensing", "dispensed", "captured"]],
];
const UNDONE = { cancelled: "cancelled", cancelling: "cancelled", voided: "cancelled", voiding: "cancelled", expired: "expired", refunded: "refunded", refunding: "refunded", unpaid: "problem" };

const byId = (id) => document.getElementById(id);

export class Goods {
  #words;
  #say;
  #shown = {};

  /** `say(kind, n)` says what a button stands for: yes, no, buy, cancel, or pick with the place of a product. */
  constructor(words, say) {
    this.#words = words;
    this.#say = say;
    byId("yes").onclick = () => say("yes");
    byId("no").onclick = () => say("no");
    new ResizeObserver(() => this.#drawPath()).observe(byId("path-picture"));
  }

  products({ products }) {
    this.#shown.products = products;
    byId("products").hidden = products.length === 0;
    const isOne = products.length === 1;
    byId("product-list").replaceChildren(...products.map((product, at) => this.#product(product, at + 1, isOne)));
  }

  proof(proof) {
    this.#shown.proof = proof;
    byId("path").hidden = proof.nodes.length === 0;
    this.#drawnWidth = 0;
    this.#drawPath();
  }

  /** The clip that the kiosk speaks of in this answer; null for none so far. */
  clip(url) {
    this.#shown.url = url;
    byId("clip").hidden = url === null;
    byId("clip").replaceChildren(...(url ? [link(url, this.#words.get("clip"))] : []));
  }

  cart({ lines, total }) {
    this.#shown.cart = { lines, total };
    if (lines.length) this.#shown.ordered = lines;
    this.#order();
    if (this.#shown.products) this.products(this.#shown);
  }

  checkout(event) {
    this.#shown.checkout = event;
    this.#order();
  }

  ageCheck({ names, min_age, is_approved }) {
    const waits = names.length > 0 && !is_approved;
    this.#shown.age = { names, min_age, is_approved };
    byId("age").hidden = !waits && !is_approved;
    byId("age-form").hidden = !waits;
    byId("age-form").reset();
    byId("age-goods").textContent = this.#words.get("age_goods", { goods: this.#words.list(names), age: min_age ?? "" });
    byId("age-note").textContent = is_approved ? this.#words.get("approved") : "";
  }

  /** Write all of it anew, in the language of now. */
  translate() {
    const { products, proof, url, age } = this.#shown;
    if (products) this.products({ products });
    if (proof) this.proof(proof);
    this.clip(url ?? null);
    if (age) this.ageCheck(age);
    this.#order();
  }

  clear() {
    this.#shown = {};
    for (const id of ["product-list", "path-picture", "clip", "lines", "steps"]) byId(id).replaceChildren();
    for (const id of ["age-goods", "age-note", "stage", "total"]) byId(id).textContent = "";
    for (const id of ["products", "path", "checkout", "age", "answers"]) byId(id).hidden = true;
    byId("age-form").reset();
  }

  #product(product, place, isOne) {
    const words = this.#words;
    const price = words.money(product.price_minor, product.currency);
    const node = made("li", "product");
    const prices = made("p", "price");
    prices.append(made("strong", "", price));
    if (product.list_price_minor > product.price_minor) {
      const before = made("s", "", words.money(product.list_price_minor, product.currency));
      prices.append(" ", made("span", "for-readers", words.get("list_price")), " ", before);
    }
    const kind = [product.colour, product.size && words.get("size", { size: product.size })].filter(Boolean).join(" · ");
    const stock = made("p", product.in_stock ? "stock here" : "stock", words.get(product.in_stock ? "in_stock" : "sold_out"));
    const choose = made("button", isOne ? "main" : "", words.get(isOne ? "buy" : "pick"));
    choose.type = "button";
    choose.ariaLabel = `${choose.textContent}: ${product.name}`;
    choose.hidden = isOne && Boolean(this.#shown.cart?.lines.some((line) => line.sku === product.sku));
    choose.onclick = () => this.#say(isOne ? "buy" : "pick", place);
    const text = made("div", "");
    text.append(made("h3", "", isOne ? product.name : `${place}. ${product.name}`), made("p", "kind", kind), prices, stock);
    node.append(text, choose);
    return node;
  }

  #order() {
    const { cart, checkout, ordered } = this.#shown;
    const words = this.#words;
    const isInCart = Boolean(cart?.lines.length);
    byId("checkout").hidden = !isInCart && !checkout;
    const lines = isInCart ? cart.lines : checkout ? ordered ?? [] : []; // what was paid has left the cart
    byId("lines").replaceChildren(...lines.map((line) => this.#line(line)));
    const total = cart?.total ?? checkout?.total;
    byId("total").hidden = !total;
    const amount = total ? words.money(total.amount_minor, total.currency) : "";
    byId("total").replaceChildren(words.get("total"), " ", made("strong", "", amount));
    const stage = checkout?.stage ?? "cart";
    const undone = UNDONE[stage];
    const now = stage === "closed" ? STEPS.length : STEPS.findIndex(([, stages]) => stages.includes(stage));
    byId("steps").hidden = Boolean(undone);
    byId("steps").replaceChildren(...STEPS.map(([name], at) => this.#step(name, at, now)));
    const sentence = stage === "closed" ? "stage_closed" : undone ? `stage_${undone}` : "";
    const number = checkout && stage !== "reserved" ? words.get("order_number", { number: checkout.order_id }) : "";
    byId("stage").textContent = [sentence && words.get(sentence), number].filter(Boolean).join(" ");
    byId("yes").textContent = words.get("yes_pay", { total: amount });
    byId("answers").hidden = stage !== "reserved" || !isInCart;
  }

  #line({ name, quantity, unit_price_minor, currency, colour, size }) {
    const kind = [colour, size && this.#words.get("size", { size })].filter(Boolean).join(", ");
    const node = made("li", "");
    const text = made("span", "", `${quantity} × ${name}`);
    if (kind) text.append(made("small", "", kind));
    node.append(text, made("span", "amount", this.#words.money(quantity * unit_price_minor, currency)));
    return node;
  }

  #step(name, at, now) {
    const node = made("li", at < now ? "done" : at === now ? "now" : "", this.#words.get(name));
    if (at === now) node.ariaCurrent = "step";
    if (at < now) node.append(made("span", "for-readers", ` (${this.#words.get("done")})`));
    return node;
  }

  #drawnWidth = 0;

  #drawPath() {
    const place = byId("path-picture");
    const width = Math.floor(place.clientWidth);
    if (!this.#shown.proof?.nodes.length || width === this.#drawnWidth || width < 100) return;
    this.#drawnWidth = width;
    place.replaceChildren(drawPath(this.#shown.proof, width));
  }
}

function made(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}
