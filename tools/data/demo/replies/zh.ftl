path-product = 在《{ $film }》（{ $film_year }）的第 { $scene_number } 场“{ $scene }”中，{ $worn_by }穿戴的是{ $product }，颜色：{ $wardrobe_colour }。片段：{ $scene_clip_url }
path-products = 我找到了《{ $film }》（{ $film_year }）中的这些商品：
path-film = 是《{ $answer }》（{ $film_year }）。
path-scene = 是第 { $scene_number } 场“{ $scene }”。片段：{ $scene_clip_url }
path-person = 是{ $answer }。
