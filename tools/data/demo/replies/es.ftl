path-product = En la escena { $scene_number } de { $film } ({ $film_year }), «{ $scene }», { $worn_by } lleva { $product } en color { $wardrobe_colour }. Clip: { $scene_clip_url }
path-products = Esto es lo que he encontrado de { $film } ({ $film_year }):
path-film = Es { $answer } ({ $film_year }).
path-scene = Es la escena { $scene_number }, «{ $scene }». Clip: { $scene_clip_url }
path-person = Es { $answer }.
