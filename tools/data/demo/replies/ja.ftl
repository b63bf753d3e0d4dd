path-product = 『{ $film }』（{ $film_year }年）のシーン{ $scene_number }「{ $scene }」で{ $worn_by }が身につけているのは{ $product }（色：{ $wardrobe_colour }）です。クリップ：{ $scene_clip_url }
path-products = 『{ $film }』（{ $film_year }年）に登場する商品が見つかりました：
path-film = 『{ $answer }』（{ $film_year }年）です。
path-scene = シーン{ $scene_number }「{ $scene }」です。クリップ：{ $scene_clip_url }
path-person = { $answer }です。
