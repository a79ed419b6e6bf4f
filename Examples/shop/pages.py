"""The pages as HTML. Every value goes through `escape`."""

from html import escape


def money(cents):
    return f"€ {cents // 100}.{cents % 100:02d}"


def page(title, content, in_cart, parts):
    """`parts` says which replica answered which part of the page."""
    answered = "".join(f"<li>{escape(part)} <b>{escape(replica)}</b></li>" for part, replica in parts.items())
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/shop.css">
</head>
<body>
<header>
  <a class="name" href="/">Harbour goods</a>
  <nav><a href="/orders">Orders</a> <a href="/cart">Cart{f" <b>{in_cart}</b>" if in_cart else ""}</a></nav>
</header>
<main>
{content}
</main>
<footer>
  <ul aria-label="Answered by">{answered}</ul>
  <a href="http://127.0.0.1:9900/">Dashboard</a>
</footer>
</body>
</html>
"""


def message(text):
    return f"<h1>{escape(text)}</h1><p><a href='/'>Back to the shop</a></p>"


def products(items, cart, placed):
    tiles = "".join(tile(item, cart.get(item["id"], 0)) for item in items)
    counter = "" if placed is None else f"<p class='quiet'>{placed} order{'' if placed == 1 else 's'} placed so far</p>"
    return f"<h1>Things for the quay</h1>{counter}<ul class='tiles'>{tiles}</ul>"


def tile(item, in_cart):
    note = f"<span class='quiet'>{in_cart} in the cart</span>" if in_cart else ""
    return f"""<li>
  <svg viewBox="0 0 24 24" aria-hidden="true"><path d="{escape(item["drawing"])}"/></svg>
  <h2>{escape(item["name"])}</h2>
  <p class="quiet">{escape(item["about"])}</p>
  <p class="price">{money(item["price"])}</p>
  <form method="post" action="/cart">
    <input type="hidden" name="product" value="{escape(item["id"])}">
    <input type="hidden" name="quantity" value="{in_cart + 1}">
    <button aria-label="Add {escape(item["name"])} to the cart">Add</button>{note}
  </form>
</li>"""


def cart(lines, key):
    if not lines:
        return message("Your cart is empty.")
    rows = "".join(f"""<tr>
  <th scope="row">{escape(line["name"])}</th>
  <td><form method="post" action="/cart">
    <input type="hidden" name="product" value="{escape(line["product"])}">
    <input type="hidden" name="from" value="cart">
    <input type="number" name="quantity" min="0" max="99" value="{line["quantity"]}" aria-label="Quantity of {escape(line["name"])}">
    <button>Set</button>
  </form></td>
  <td class="number">{money(line["price"] * line["quantity"])}</td>
</tr>""" for line in lines)
    return f"""<h1>Cart</h1>
<table>{rows}{total_row(sum(line["price"] * line["quantity"] for line in lines))}</table>
<form method="post" action="/orders">
  <input type="hidden" name="key" value="{escape(key)}">
  <button class="main">Place order</button>
</form>"""


def order(value):
    rows = "".join(f"""<tr>
  <th scope="row">{escape(line["name"])}</th>
  <td>{line["quantity"]} × {money(line["price"])}</td>
  <td class="number">{money(line["price"] * line["quantity"])}</td>
</tr>""" for line in value["lines"])
    return f"""<h1>Your order is placed</h1>
<p class="quiet">Order {escape(value["key"])}, {escape(value["at"])}</p>
<table>{rows}{total_row(value["total"])}</table>
<p><a href="/">Back to the shop</a></p>"""


def total_row(total):
    return f"<tr class='total'><th scope='row'>Total</th><td></td><td class='number'>{money(total)}</td></tr>"


def orders(value):
    if value["count"] == 0:
        return message("No order has been placed yet.")
    rows = "".join(f"""<tr>
  <th scope="row"><a href="/orders/{escape(item["key"])}">{escape(item["key"][:8])}</a></th>
  <td>{escape(item["at"])}</td>
  <td class="number">{money(item["total"])}</td>
</tr>""" for item in value["orders"])
    return f"<h1>Orders</h1><p class='quiet'>The newest of {value['count']}</p><table>{rows}</table>"
