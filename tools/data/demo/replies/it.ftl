path-product = Nella scena { $scene_number } di { $film } ({ $film_year }), «{ $scene }», { $worn_by } indossa questo articolo: { $product }, colore { $wardrobe_colour }. Clip: { $scene_clip_url }
path-products = Ecco quello che ho trovato in { $film } ({ $film_year }):
path-film = È { $answer } ({ $film_year }).
path-scene = È la scena { $scene_number }, «{ $scene }». Clip: { $scene_clip_url }
path-person = È { $answer }.
