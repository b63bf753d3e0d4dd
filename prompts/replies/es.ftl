# What the kiosk says in Spanish. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = ¡Hola! Puedo buscarle y venderle artículos de nuestra tienda, también a partir de la película en la que los vio. ¿Qué desea?
welcome-known = ¡Hola, { $customer }! ¿Qué le busco hoy?
small-talk = Es un placer hablar con usted. Dígame qué le gustaría encontrar.
ask-what = ¿Qué más puedo hacer por usted?
thanks-reply = De nada. ¿Desea algo más?
goodbye = ¡Gracias por su visita y hasta pronto!
help-text = Dígame qué busca: por ejemplo, una prenda con su color y su talla, o lo que alguien llevaba en una película. Le diré el precio y si lo tenemos aquí; cuando diga «Me lo llevo», le pediré que confirme antes de pagar.
staff-called = He avisado al personal. Enseguida le atenderán.
language-changed = Por supuesto, hablemos en español.

## Not understood
not-heard = No he oído nada. ¿En qué puedo ayudarle?
too-long = Eso ha sido demasiado largo para mí. Por favor, dígame en una o dos frases qué desea.
not-understood = Perdón, no le he entendido. Por favor, dígalo con otras palabras.
one-moment = Un momento, por favor: ahora tarda un poco más.
something-wrong = Perdón, algo ha fallado por mi parte. Inténtelo de nuevo, por favor, o llame al personal.

## Finding
found-one = Tengo { $name } en color { $colour }.
found-one-plain = Tengo { $name }.
found-many = Tengo estos artículos:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = ¿Cuál prefiere?
nothing-found = No tengo nada así en la tienda.
nothing-so = No tengo nada que cumpla todo eso. Lo más parecido que tengo:
unknown-name = No conozco el nombre «{ $name }».
which-name = ¿Se refiere a { $names }?
path-none = Conozco estos nombres: { $names }, pero no he encontrado nada que responda a su pregunta.
path-none-plain = No he encontrado nada que responda a su pregunta.
path-answer = { $answer }. Lo he encontrado así: { $path }.
path-names = He encontrado lo siguiente: { $names }.
path-more = Hay { $count } en total; si me da más detalles, puedo afinar la búsqueda.
fact-value = { $node }: { $value }.
fact-is = Es { $node }.
fact-unknown = No tengo ese dato.
product-material = { $name } es de { $material }.
product-description = Sobre { $name }: { $description }

## Stock and price
in-stock = Está disponible aquí.
in-stock-size = Está disponible aquí en la talla { $size }.
in-stock-your-size = Está disponible aquí en su talla, la { $size }.
not-in-size = Aquí no lo tengo en la talla { $size }. Tallas disponibles aquí: { $sizes }.
not-in-your-size = Aquí no lo tengo en su talla, la { $size }. Tallas disponibles aquí: { $sizes }.
no-such-size = No se fabrica en la talla { $size }. Tallas disponibles aquí: { $sizes }.
sizes-here = Tallas disponibles aquí: { $sizes }.
sold-out = Aquí se ha agotado.
elsewhere = Puede encontrarlo en { $places }.
no-such-colour = No viene en color { $colour }. Colores disponibles: { $colours }.
colours-available = Colores disponibles: { $colours }.
price-list = Cuesta { $list_price }.
price-reduced = El precio de lista es { $list_price }; usted paga { $price } ({ $discount }).
price-members = Los socios tienen un precio especial; dígale su número de socio al personal para aprovecharlo.
ask-purchase = ¿Desea comprarlo?

## Comparing
compare-cheaper = { $name } cuesta { $difference } menos.
compare-same = Cuestan lo mismo.
compare-what = Dígame qué dos artículos desea comparar.
cheaper-none = No tengo nada más barato de este tipo.

## Buying
buy-what = Dígame primero qué desea comprar.
ask-size = ¿Qué talla desea? Tallas disponibles aquí: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, talla { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Más { $tax }: { $amount }.
ask-confirmation = El total es { $total }. ¿Se lo cobro? Por favor, diga sí o no.
confirm-first = Solo cobro después de un sí claro. Por favor, diga sí o no.
price-changed = Entretanto, el precio ha cambiado.
paid = Pagado: { $total }. Ya puede recoger su compra. Compartimento: { $slots }.
thanks-name = ¡Gracias, { $customer }!
thanks = ¡Gracias!
receipt = Su número de recibo es { $order }.
ask-feedback = ¿Qué tal le ha ido hoy? Cuéntemelo en pocas palabras.
feedback-thanks = Gracias, lo he anotado para la tienda.
feedback-skipped = No pasa nada. ¡Hasta pronto!
order-cancelled = He cancelado el pedido; no se le ha cobrado nada.
nothing-to-cancel = No hay nada que cancelar; no se le ha cobrado nada.
too-late-to-cancel = Ese pedido ya está completado. Para una devolución, consulte al personal.
order-expired = La reserva ha vencido; no se le ha cobrado nada. ¿Lo reservo de nuevo?

## Refusals
out-of-stock = Lo siento, aquí no quedan suficientes unidades.
too-many = No puedo vender tantas unidades a la vez.
limit-reached = { $name }: de este tipo de artículos puedo vender como máximo { $limit } por cliente y día.
age-restricted = Solo se vende a partir de los { $min_age } años, así que el personal debe autorizarlo. Ya he avisado a alguien.
payment-declined = El pago ha sido rechazado; no se le ha cobrado nada. ¿Quiere intentarlo de nuevo?
payment-unclear = No he podido conectar con el terminal de pago; he avisado al personal. No se le cobrará dos veces.
dispense-failed = La máquina no ha podido entregar su compra. No se le ha cobrado nada; he avisado al personal.
dispense-partial = Solo ha salido una parte de su pedido; usted paga solo esa parte. He avisado al personal.
dispense-unclear = No puedo saber si su compra ha salido; he avisado al personal. Usted paga solo lo que salga.
goods-unpaid = Su compra ha salido, pero el pago no se ha podido completar; no se le ha cobrado nada. He avisado al personal.
consent-void = El pedido ha cambiado desde que dijo que sí. Permítame preguntarle de nuevo.

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = Soy WalKiosk, la voz de esta tienda: un programa hecho por personas. ¿Qué le busco?
talk-robot = No soy una persona, sino un programa con voz. Dígame qué busca, o diga «personal» si prefiere hablar con alguien.
talk-how-are-you = Por aquí todo va muy bien, ¡gracias por preguntar! ¿Qué le busco?
talk-age-of-kiosk = Como soy un programa, no tengo cumpleaños, y mi casa es este quiosco. ¿Qué le busco?
talk-payment = Se paga con tarjeta en el terminal, después de que usted diga que sí al total. Dígame qué desea.
talk-cash = Aquí no puedo aceptar efectivo, solo tarjeta en el terminal. ¿Qué más puedo hacer por usted?
talk-membership = El personal le informa sobre cómo hacerse socio y los precios para socios: diga «personal» y aviso a alguien. Si no, dígame qué desea.
talk-returns = De los cambios y las devoluciones se ocupa el personal. Diga «personal» y aviso a alguien.
talk-privacy = Lo que usted dice solo sirve para atenderle aquí y lo olvido cuando se va; solo se guardan su pedido y su opinión. Así que dígame con confianza qué busca.
talk-joke = Este es mi mejor chiste: me paso el día aquí sin moverme y lo llamo trabajo. ¿Y a usted qué le busco?
talk-song-or-play = Lo mío no es cantar, pero podemos jugar a buscar: usted dice un color y yo busco algo que combine.
talk-compliment = ¡Muchas gracias, qué amable! ¿Qué más le busco?
talk-love = ¡Qué detalle! Solo soy un quiosco, pero con gusto le busco algo bonito: ¿qué le gustaría?
talk-insult = Siento no haberle servido de ayuda. Dígame otra vez qué necesita, por favor, o diga «personal» para hablar con alguien.
talk-bored-or-sad = Lo siento, ojalá el día mejore. Dígame un color o una película que le guste y le busco algo bonito.
talk-place = No conozco el edificio ni los horarios, pero el personal sí puede ayudarle: diga «personal» y aviso a alguien. Si no, dígame qué desea.
talk-discount = Con la misma membresía, el precio es igual para todos y no puedo cambiarlo. Diga «más barato» y busco algo que cueste menos.
talk-delivery = Solo vendo lo que hay en esta máquina, y usted se lo lleva en el momento; no puedo enviar nada. ¿Qué le busco?
talk-try-on = No sé de ningún probador aquí, pero puedo decirle qué tallas hay. Si algo no le queda bien, el personal le dirá si se puede cambiar.
talk-wrapping = En la máquina no hay papel de regalo ni bolsas para llevar, lo siento. Dígame cuando quiera seguir comprando.
talk-languages-spoken = Hablo español, inglés, francés, alemán, italiano, portugués, hindi, chino y japonés. Hábleme en el que prefiera.
talk-what-do-you-sell = Dígame un tipo de artículo, un color o una escena de película y busco lo que tengo.
talk-which-films = Dígame una película, un actor o un director y miro qué sé al respecto.
talk-off-topic = Eso no lo sé, solo conozco esta tienda. ¿Qué le busco?
talk-sorry = ¡No pasa nada! Dígame qué desea.
talk-waiting = Tómese su tiempo. Aquí estoy; dígame cuando quiera seguir.
talk-just-looking = Claro, mire con toda tranquilidad. Si quiere una idea, dígame un color o una película.
talk-noise = ¡No hay problema! Hábleme cuando quiera algo.
talk-laugh = ¡Qué bien que haya buen humor! ¿Qué le busco?
talk-test = ¡Sí, me ha llegado! ¿Qué le busco?
talk-stop-talking = De acuerdo, le escucho. No puedo cambiar el volumen, pero el personal sí, y lo que digo también sale en la pantalla.

## More to show, and asking again
more-there = Hay más; diga «más» o cuénteme qué le gusta.
no-more = Eso era todo lo que había de ese tipo.
say-again-purchase = No le he entendido. ¿Desea comprarlo?
say-again-choice = No le he entendido. ¿Cuál prefiere?
say-again-size = No le he entendido. ¿Qué talla necesita?
