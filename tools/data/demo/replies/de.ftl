path-product = In Szene { $scene_number } von { $film } ({ $film_year }), „{ $scene }“, trägt { $worn_by } diesen Artikel: { $product }, Farbe { $wardrobe_colour }. Clip: { $scene_clip_url }
path-products = Diese Artikel habe ich gefunden, getragen in { $film } ({ $film_year }):
path-film = Das ist { $answer } ({ $film_year }).
path-scene = Das ist Szene { $scene_number }, „{ $scene }“. Clip: { $scene_clip_url }
path-person = Das ist { $answer }.
