"""Products, services and policies as one graph: build, link, query.

    schema = packed_schema("retail")
    graph = graph_of(shop_records(products, rules, promotions, schema=schema), schema)
    graph.link("那个大的多少钱", focus=["MT-1001"])
    graph.ask("200元以内的红茶有哪些", at_us=clock.now_us())

`products` are rows with the fields of `catalogue.ProductRow`; `bot.shop.Product` has them.
"""
