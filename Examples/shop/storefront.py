"""The shop's pages. The cart is in a cookie and all else with the catalog and the orders, so any
replica can answer any request. Both services are called through Ballast.

    CATALOG, ORDERS   their addresses, such as http://127.0.0.1:8081
"""

import os
import re
import uuid
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import quote

import pages
from calling import Service, Unavailable
from serving import Handler, Server, port_from_arguments

STYLE = (Path(__file__).parent / "shop.css").read_bytes()
MOST_OF_ONE = 99
CART_ITEM = re.compile(r"([a-z]{1,20})\.([1-9]\d?)")

catalog = Service("catalog", os.environ.get("CATALOG", "http://127.0.0.1:8081"))
orders = Service("orders", os.environ.get("ORDERS", "http://127.0.0.1:8081"))


class Storefront(Handler):
    def get(self, path):
        if path == "/":
            self.attempt(self.show_products)
        elif path == "/shop.css":
            self.answer(200, STYLE, "text/css", [("Cache-Control", "max-age=60")])
        elif path == "/cart":
            self.attempt(self.show_cart)
        elif path == "/orders":
            self.attempt(self.show_orders)
        elif path.startswith("/orders/"):
            self.attempt(self.show_order, path.removeprefix("/orders/"))
        else:
            self.show(404, "Not found", pages.message("There is no such page."), {})

    def post(self, path):
        if path == "/cart":
            self.change_cart()
        elif path == "/orders":
            self.attempt(self.place_order)
        else:
            self.show(404, "Not found", pages.message("There is no such page."), {})

    def attempt(self, action, *arguments):
        try:
            action(*arguments)
        except Unavailable as problem:
            text = f"A part of the shop does not answer ({problem}). Reload the page to try again."
            self.show(503, "One moment", pages.message(text), {})

    def show_products(self):
        products = catalog.get("/catalog/products")
        parts = {"products": products.replica}
        try:
            answer = orders.get("/orders/count")
            placed, parts["orders"] = answer.value["count"], answer.replica
        except Unavailable:
            placed = None  # The shop sells on without its counter.
        self.show(200, "Harbour goods", pages.products(products.value, self.cart(), placed), parts)

    def show_cart(self):
        products = catalog.get("/catalog/products")
        lines = self.lines(products.value)
        self.show(200, "Cart", pages.cart(lines, str(uuid.uuid4())), {"prices": products.replica})

    def show_orders(self):
        answer = orders.get("/orders")
        self.show(200, "Orders", pages.orders(answer.value), {"orders": answer.replica})

    def show_order(self, key):
        answer = orders.get(f"/orders/{quote(key, safe='')}")
        if answer.status == 404:
            return self.show(404, "Not found", pages.message("There is no such order."), {"order": answer.replica})
        self.show(200, "Thank you", pages.order(answer.value), {"order": answer.replica})

    def change_cart(self):
        """Sets the quantity of one product, 0 to take it out."""
        form, cart = self.form(), self.cart()
        product, quantity = form.get("product", ""), form.get("quantity", "")
        if re.fullmatch(r"[a-z]{1,20}", product) and re.fullmatch(r"\d{1,3}", quantity):
            cart[product] = min(int(quantity), MOST_OF_ONE)
        self.redirect("/cart" if form.get("from") == "cart" else "/", cart)

    def place_order(self):
        """The key was made with the page, so a form that is sent twice orders once."""
        lines = self.lines(catalog.get("/catalog/products").value)
        key = self.form().get("key", "")
        if not lines:
            return self.redirect(f"/orders/{quote(key, safe='')}" if key else "/cart", {})
        answer = orders.put(f"/orders/{quote(key, safe='')}", {"lines": lines})
        if answer.status >= 400:
            return self.show(400, "Not ordered", pages.message(answer.value["error"]), {"order": answer.replica})
        self.redirect(f"/orders/{answer.value['key']}", {})

    def cart(self):
        """Product → quantity, from the cookie; what cannot be read is left out."""
        try:
            text = SimpleCookie(self.headers.get("Cookie", ""))["cart"].value
        except (CookieError, KeyError):
            return {}
        return {product: int(quantity) for product, quantity in CART_ITEM.findall(text)}

    def lines(self, products):
        cart = self.cart()
        return [
            {"product": product["id"], "name": product["name"], "price": product["price"], "quantity": cart[product["id"]]}
            for product in products if product["id"] in cart
        ]

    def redirect(self, place, cart):
        text = "-".join(f"{product}.{quantity}" for product, quantity in cart.items() if quantity > 0)
        cookie = f"cart={text}; Path=/; HttpOnly; SameSite=Lax" + ("" if text else "; Max-Age=0")
        self.answer(303, headers=[("Location", place), ("Set-Cookie", cookie)])

    def show(self, status, title, content, parts):
        parts = {"page": self.server.replica, **parts}
        self.answer(status, pages.page(title, content, sum(self.cart().values()), parts).encode())


if __name__ == "__main__":
    Server("storefront", Storefront, port_from_arguments("The shop's pages.")).run()
