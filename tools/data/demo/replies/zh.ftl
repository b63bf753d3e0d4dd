path-product = 《{ $film }》（{ $film_year }）第 { $scene_number } 场戏“{ $scene }”里，{ $worn_by }穿戴的是{ $wardrobe_colour }的{ $product }。片段：{ $scene_clip_url }
path-products = 《{ $film }》（{ $film_year }）里穿戴过的，我找到了这些：
path-film = 是《{ $answer }》（{ $film_year }）。
path-scene = 是第 { $scene_number } 场戏“{ $scene }”。片段：{ $scene_clip_url }
path-person = 是{ $answer }。
