path-product = Na cena { $scene_number } de { $film } ({ $film_year }), “{ $scene }”, { $worn_by } usa { $product } em { $wardrobe_colour }. Clipe: { $scene_clip_url }
path-products = Encontrei estes produtos, usados em { $film } ({ $film_year }):
path-film = É { $answer } ({ $film_year }).
path-scene = É a cena { $scene_number }, “{ $scene }”. Clipe: { $scene_clip_url }
path-person = É { $answer }.
