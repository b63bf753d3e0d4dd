path-product = { $film } ({ $film_year }) के दृश्य { $scene_number } “{ $scene }” में { $worn_by } ने यह पहना था: { $product }, रंग { $wardrobe_colour }। क्लिप: { $scene_clip_url }
path-products = हमें { $film } ({ $film_year }) में पहनी गई ये चीज़ें मिलीं:
path-film = वह फ़िल्म { $answer } ({ $film_year }) है।
path-scene = वह दृश्य { $scene_number } है: “{ $scene }”। क्लिप: { $scene_clip_url }
path-person = वे { $answer } हैं।
