path-product = Dans la scène { $scene_number } de { $film } ({ $film_year }), « { $scene } », { $worn_by } porte cet article : { $product }, couleur { $wardrobe_colour }. Extrait : { $scene_clip_url }
path-products = Voici ce que j’ai trouvé dans { $film } ({ $film_year }) :
path-film = C’est { $answer } ({ $film_year }).
path-scene = C’est la scène { $scene_number }, « { $scene } ». Extrait : { $scene_clip_url }
path-person = C’est { $answer }.
