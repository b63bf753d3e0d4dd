# What the kiosk says in French. Placeholders are filled with facts from tools, already formatted for the language.
# French puts a space that does not break (U+00A0) before : ; ? ! » and after «.

## Greeting, small talk, help
welcome = Bonjour ! Je vous aide à trouver et à acheter les articles de notre boutique, même à partir du film où vous les avez vus. Que désirez-vous ?
welcome-known = Bonjour { $customer } ! Que recherchez-vous aujourd’hui ?
small-talk = C’est un plaisir de discuter avec vous. Dites-moi ce que vous cherchez.
ask-what = Que puis-je faire d’autre pour vous ?
thanks-reply = Je vous en prie. Désirez-vous autre chose ?
goodbye = Au revoir et merci de votre visite !
help-text = Dites-moi ce que vous cherchez, par exemple un vêtement avec sa couleur et sa taille, ou ce que quelqu’un portait dans un film. Je vous donne le prix, je vous dis s’il y en a ici et, quand vous dites « je le prends », je vous demande de confirmer avant le paiement.
staff-called = J’ai appelé un collègue. Quelqu’un arrive dans un instant.
language-changed = Bien sûr, parlons français.

## Not understood
not-heard = Je n’ai rien entendu. Que puis-je faire pour vous ?
too-long = C’était trop long pour moi. Dites-moi en une ou deux phrases ce que vous désirez, s’il vous plaît.
not-understood = Pardon, je n’ai pas compris. Pouvez-vous le dire autrement ?
one-moment = Un instant, s’il vous plaît, c’est un peu plus long que d’habitude.
something-wrong = Pardon, il y a eu un problème de mon côté. Veuillez réessayer ou appeler un vendeur.

## Finding
found-one = J’ai cet article : { $name }, couleur { $colour }.
found-one-plain = J’ai cet article : { $name }.
found-many = Voici ce que j’ai :
option = { $position }. { $name }, { $colour } : { $price }.
option-plain = { $position }. { $name } : { $price }.
ask-which = Que choisissez-vous ?
nothing-found = Je n’ai rien de ce genre dans la boutique.
nothing-so = Je n’ai rien qui réponde à tout cela. Voici ce qui s’en rapproche le plus :
unknown-name = Je ne connais pas le nom « { $name } ».
which-name = Voulez-vous dire { $names } ?
path-none = Je connais { $names }, mais je n’ai rien trouvé qui réponde à votre question.
path-none-plain = Je n’ai rien trouvé qui réponde à votre question.
path-answer = { $answer }. Voici comment je l’ai trouvé : { $path }.
path-names = J’ai trouvé : { $names }.
path-more = Il y en a { $count } en tout ; dites-m’en plus et je pourrai affiner la recherche.
fact-value = { $node } : { $value }.
fact-is = C’est { $node }.
fact-unknown = Je n’ai pas cette information.
product-material = { $name } est en { $material }.
product-description = { $name }, en quelques mots : { $description }

## Stock and price
in-stock = C’est disponible ici.
in-stock-size = C’est disponible ici en taille { $size }.
in-stock-your-size = C’est disponible ici dans votre taille, { $size }.
not-in-size = Je n’en ai pas ici en taille { $size }. Tailles disponibles ici : { $sizes }.
not-in-your-size = Je n’en ai pas ici dans votre taille, { $size }. Tailles disponibles ici : { $sizes }.
no-such-size = Cet article n’existe pas en taille { $size }. Tailles disponibles ici : { $sizes }.
sizes-here = Tailles disponibles ici : { $sizes }.
sold-out = Il n’y en a plus ici.
elsewhere = Disponible ailleurs : { $places }.
no-such-colour = Cet article n’existe pas en { $colour }. Couleurs proposées : { $colours }.
colours-available = Couleurs proposées : { $colours }.
price-list = Prix : { $list_price }.
price-reduced = Le prix normal est de { $list_price } ; vous payez { $price } ({ $discount }).
price-members = Les membres bénéficient d’un prix fidélité ; donnez votre numéro de membre au personnel pour en profiter.
ask-purchase = Souhaitez-vous l’acheter ?

## Comparing
compare-cheaper = { $name } coûte { $difference } de moins.
compare-same = Le prix est le même.
compare-what = Dites-moi quels sont les deux articles à comparer.
cheaper-none = Je n’ai rien de moins cher dans ce genre.

## Buying
buy-what = Dites-moi d’abord ce que vous souhaitez acheter.
ask-size = Quelle taille vous faut-il ? Tailles disponibles ici : { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, taille { $size } : { $price }.
order-line-plain = { $quantity } × { $name } : { $price }.
order-tax = Plus { $tax } : { $amount }.
ask-confirmation = Le total est de { $total }. Puis-je encaisser ce montant ? Dites oui ou non, s’il vous plaît.
confirm-first = Je n’encaisse qu’après un oui clair. Dites oui ou non, s’il vous plaît.
price-changed = Le prix a changé entre-temps.
paid = Paiement effectué : { $total }. Vous pouvez retirer votre achat. Casier : { $slots }.
thanks-name = Merci, { $customer } !
thanks = Merci !
receipt = Votre reçu porte le numéro { $order }.
ask-feedback = Comment cela s’est-il passé aujourd’hui ? Dites-le-moi en quelques mots.
feedback-thanks = Merci, c’est noté pour la boutique.
feedback-skipped = Pas de problème. Au revoir !
order-cancelled = J’ai annulé la commande ; rien n’a été débité.
nothing-to-cancel = Il n’y a rien à annuler ; rien n’a été débité.
too-late-to-cancel = Cette commande est déjà terminée. Pour un retour, adressez-vous au personnel.
order-expired = La réservation a expiré ; rien n’a été débité. Voulez-vous que je réserve à nouveau ?

## Refusals
out-of-stock = Je regrette, il n’en reste pas assez ici.
too-many = Je ne peux pas vous en vendre autant à la fois.
limit-reached = { $name } : pour ce type d’articles, je ne peux pas dépasser { $limit } par client et par jour.
age-restricted = La vente de cet article est réservée aux personnes de { $min_age } ans et plus ; un collègue doit donc l’autoriser. J’en ai appelé un.
payment-declined = Le paiement a été refusé ; rien n’a été débité. Voulez-vous réessayer ?
payment-unclear = Je n’ai pas pu joindre le terminal de paiement ; j’ai appelé un collègue. Vous ne paierez pas deux fois.
dispense-failed = La machine n’a pas pu vous remettre votre achat. Rien n’a été débité ; j’ai appelé un collègue.
dispense-partial = Seule une partie de votre commande est sortie ; vous ne payez que cette partie. J’ai appelé un collègue.
dispense-unclear = Je ne sais pas si votre achat est sorti ; j’ai appelé un collègue. Vous ne payez que ce qui sort.
goods-unpaid = Votre achat est sorti, mais le paiement n’a pas pu être encaissé ; rien n’a été débité. J’ai appelé un collègue.
consent-void = La commande a changé depuis votre oui. Permettez-moi de vous reposer la question.

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = Je suis WalKiosk, la voix de cette boutique : un programme écrit par des humains. Que cherchez-vous ?
talk-robot = Je ne suis pas un humain, mais un programme qui a une voix. Dites-moi ce que vous cherchez, ou dites « vendeur » si vous préférez parler à quelqu’un.
talk-how-are-you = Tout va bien ici, merci de demander ! Que cherchez-vous ?
talk-age-of-kiosk = Un programme n’a pas d’anniversaire, et j’habite ici même, dans cette borne. Que cherchez-vous ?
talk-payment = On paie par carte au terminal, après avoir dit oui au total. Dites-moi ce que vous désirez.
talk-cash = Je ne peux pas prendre d’espèces ici, seulement la carte au terminal. Que puis-je faire d’autre pour vous ?
talk-membership = Pour l’adhésion et les prix fidélité, le personnel vous renseigne : dites « vendeur » et j’appelle quelqu’un. Sinon, dites-moi ce que vous désirez.
talk-returns = Pour un échange ou un remboursement, c’est le personnel qui vous aide. Dites « vendeur » et j’appelle quelqu’un.
talk-privacy = Ce que vous dites ne sert qu’à vous servir ici et je l’oublie à votre départ ; seuls votre commande et votre avis sont conservés. Dites-moi donc sans crainte ce que vous cherchez.
talk-joke = Voici ma meilleure blague : je reste sans bouger toute la journée et j’appelle ça du travail. Et vous, que cherchez-vous ?
talk-song-or-play = Chanter n’est pas mon fort, mais nous pouvons jouer à chercher : vous dites une couleur, et je cherche ce qui va avec.
talk-compliment = Merci, c’est très gentil de votre part ! Que puis-je trouver d’autre pour vous ?
talk-love = C’est très gentil ! Je ne suis qu’une borne, mais je vous cherche volontiers quelque chose de joli : qu’est-ce qui vous plairait ?
talk-insult = Je regrette de ne pas mieux vous aider. Redites-moi ce qu’il vous faut, ou dites « vendeur » pour parler à quelqu’un.
talk-bored-or-sad = Je compatis, et je vous souhaite une fin de journée plus douce. Dites-moi une couleur ou un film que vous aimez, et je cherche quelque chose de joli.
talk-place = Je ne connais ni le bâtiment ni les horaires, mais le personnel peut vous aider : dites « vendeur » et j’appelle quelqu’un. Sinon, dites-moi ce que vous désirez.
talk-discount = À statut de membre égal, le prix est le même pour tous et je ne peux pas le changer. Dites « moins cher » et je cherche un article d’un prix plus doux.
talk-delivery = Je ne vends que ce qui se trouve dans cette machine, et vous repartez avec ; je ne peux rien envoyer. Que cherchez-vous ?
talk-try-on = Je n’ai pas connaissance d’une cabine d’essayage ici, mais je peux vous dire quelles tailles existent. Si cela ne va pas, le personnel vous dira si un échange est possible.
talk-wrapping = Ici, à la machine, il n’y a ni papier cadeau ni sac pour emporter, je regrette. Dites-moi quand vous voulez continuer.
talk-languages-spoken = Je parle français, anglais, espagnol, allemand, italien, portugais, hindi, chinois et japonais. Parlez-moi dans celle de ces langues qui vous convient.
talk-what-do-you-sell = Dites-moi un type d’article, une couleur ou une scène de film, et je cherche ce que j’ai.
talk-which-films = Citez-moi un film, un acteur ou un réalisateur, et je regarde ce que j’en sais.
talk-off-topic = Je n’en sais rien, je ne connais que cette boutique. Que cherchez-vous ?
talk-sorry = Ce n’est rien ! Dites-moi ce que vous désirez.
talk-waiting = Prenez votre temps. Je suis là, dites-moi quand vous voulez continuer.
talk-just-looking = Bien sûr, regardez tranquillement. Si vous voulez une idée, dites-moi une couleur ou un film.
talk-noise = Pas de souci ! Parlez-moi quand vous voulez quelque chose.
talk-laugh = Quel plaisir, cette bonne humeur ! Que cherchez-vous ?
talk-test = Oui, c’est bien arrivé ! Que cherchez-vous ?
talk-stop-talking = D’accord, je vous écoute. Je ne peux pas changer le volume, mais le personnel le peut, et ce que je dis s’affiche aussi à l’écran.

## More to show, and asking again
more-there = Il y en a encore ; dites « d’autres » ou dites-moi ce qui vous plaît.
no-more = C’est tout ce qu’il y avait de ce genre.
say-again-purchase = Je n’ai pas compris. Souhaitez-vous l’acheter ?
say-again-choice = Je n’ai pas compris. Que choisissez-vous ?
say-again-size = Je n’ai pas compris. Quelle taille vous faut-il ?
