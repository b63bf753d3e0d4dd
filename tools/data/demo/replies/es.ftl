path-product = En la escena { $scene_number } de { $film } ({ $film_year }), «{ $scene }», { $worn_by } lleva este artículo: { $product }, color { $wardrobe_colour }. Clip: { $scene_clip_url }
path-products = He encontrado esto, de { $film } ({ $film_year }):
path-film = Es { $answer } ({ $film_year }).
path-scene = Es la escena { $scene_number }, «{ $scene }». Clip: { $scene_clip_url }
path-person = Es { $answer }.
