path-product = { $film } ({ $film_year }) के दृश्य { $scene_number }, “{ $scene }”, में { $worn_by } ने यह पहना है: { $product }, रंग { $wardrobe_colour }। क्लिप: { $scene_clip_url }
path-products = मुझे ये मिले, { $film } ({ $film_year }) से:
path-film = वह { $answer } ({ $film_year }) है।
path-scene = वह दृश्य { $scene_number } है, “{ $scene }”। क्लिप: { $scene_clip_url }
path-person = { $answer }।
