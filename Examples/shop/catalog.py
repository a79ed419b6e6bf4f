"""The catalog: what the shop sells. It never changes, so every replica has it in memory.

    GET /catalog/products       all of them
    GET /catalog/products/ID    one
"""

from serving import Handler, Server, port_from_arguments

# Prices in cents; a drawing is a path in a square of 24.
PRODUCTS = [
    {"id": "lantern", "name": "Storm lantern", "price": 4200, "about": "Burns through a gale",
     "drawing": "M8 8h8v10H8zM7 21h10M8 18l-1 3M16 18l1 3M9 8l1-3h4l1 3M10 5a2 2 0 0 1 4 0M12 11c2 2 1 4 0 4s-2-2 0-4"},
    {"id": "compass", "name": "Hand compass", "price": 3650, "about": "Brass, liquid filled",
     "drawing": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M15.5 8.5l-2 5-5 2 2-5zM12 3v2M12 19v2M3 12h2M19 12h2"},
    {"id": "mug", "name": "Enamel mug", "price": 1250, "about": "Holds half a litre",
     "drawing": "M5 7h11v10a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3zM16 10h2a2.5 2.5 0 0 1 0 5h-2M4 7h13"},
    {"id": "rope", "name": "Mooring rope", "price": 2900, "about": "Twelve metres, spliced eye",
     "drawing": "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 7a5 5 0 1 0 0 10M18 16l3 5M16 17.5l3 4"},
    {"id": "bell", "name": "Deck bell", "price": 5400, "about": "Heard across a harbour",
     "drawing": "M6 17c1.5-2 1.5-4 1.5-6a4.5 4.5 0 0 1 9 0c0 2 0 4 1.5 6zM12 6.500V4M10 4h4M10.500 19.500a1.600 1.600 0 0 0 3 0"},
    {"id": "flag", "name": "Signal flag", "price": 1800, "about": "The letter L: stop at once",
     "drawing": "M5 3v18M5 4h13l-2 4.500 2 4.500H5M11.500 4v9M5 8.500h11"},
]
BY_ID = {product["id"]: product for product in PRODUCTS}


class Catalog(Handler):
    def get(self, path):
        if path.rstrip("/") == "/catalog/products":
            self.answer_json(200, PRODUCTS)
        elif product := BY_ID.get(path.removeprefix("/catalog/products/")):
            self.answer_json(200, product)
        else:
            self.answer_json(404, {"error": "there is no such product"})


if __name__ == "__main__":
    Server("catalog", Catalog, port_from_arguments("The shop's catalog.")).run()
