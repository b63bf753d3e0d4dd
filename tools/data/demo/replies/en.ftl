# How this shop tells what its graph knows. `path-<type>` is said of one answer of that type, `path-products` before a
# list. Placeholders: a node by its type (film, scene, film_year, …) or by the relation that leads to it (worn_by).
path-product = In scene { $scene_number } of { $film } ({ $film_year }), “{ $scene }”, { $worn_by } wore the { $product } in { $wardrobe_colour }. Clip: { $scene_clip_url }
path-products = I found these, worn in { $film } ({ $film_year }):
path-film = That is { $answer } ({ $film_year }).
path-scene = That is scene { $scene_number }, “{ $scene }”. Clip: { $scene_clip_url }
path-person = That is { $answer }.
