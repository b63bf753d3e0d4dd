# What the kiosk says in English. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = Hello! I can find and sell you things from our shop, also by the film you saw them in. What would you like?
welcome-known = Hello { $customer }! What can I find for you today?
small-talk = Nice to talk with you. Tell me what you would like to find.
ask-what = What else can I do for you?
thanks-reply = You are welcome. Is there anything else?
goodbye = Goodbye, and thank you for your visit!
help-text = Tell me what you are looking for, for example a garment with its colour and size, or what someone wore in a film. I tell you the price and whether it is here, and when you say “I'll take it”, I ask you to confirm before you pay.
staff-called = I have called a colleague. Someone will be with you shortly.
language-changed = Of course, let us speak English.

## Not understood
not-heard = I did not hear anything. What can I do for you?
too-long = That was too long for me. Please tell me in one or two sentences what you would like.
not-understood = Sorry, I did not understand that. Please say it in other words.
one-moment = One moment please, this takes a little longer than usual.
something-wrong = Sorry, something went wrong on my side. Please try again, or ask for staff.

## Finding
found-one = I have the { $name } in { $colour }.
found-one-plain = I have the { $name }.
found-many = I have these:
option = { $position }. { $name }, { $colour }: { $price }.
option-plain = { $position }. { $name }: { $price }.
ask-which = Which one would you like?
nothing-found = I have nothing like that in the shop.
nothing-so = I have nothing that fits all of that. The closest I have:
unknown-name = I do not know the name “{ $name }”.
which-name = Do you mean { $names }?
path-none = I know { $names }, but I have found nothing that fits your question.
path-none-plain = I have found nothing that fits your question.
path-answer = { $answer }. I found it this way: { $path }.
path-names = I found: { $names }.
path-more = There are { $count } in all; tell me more and I can narrow it down.
fact-value = { $node }: { $value }.
fact-is = That is { $node }.
fact-unknown = I do not have that in my records.
product-material = The { $name } is made of { $material }.
product-description = About the { $name }: { $description }

## Stock and price
in-stock = It is in stock here.
in-stock-size = It is in stock here in size { $size }.
in-stock-your-size = It is in stock here in your size, { $size }.
not-in-size = I do not have it in size { $size } here. Sizes here: { $sizes }.
not-in-your-size = I do not have it in your size, { $size }, here. Sizes here: { $sizes }.
no-such-size = It is not made in size { $size }. Sizes here: { $sizes }.
sizes-here = Sizes here: { $sizes }.
sold-out = It is sold out here.
elsewhere = You can get it at { $places }.
no-such-colour = It does not come in { $colour }. It comes in { $colours }.
colours-available = It comes in { $colours }.
price-list = It costs { $list_price }.
price-reduced = The list price is { $list_price }; you pay { $price } ({ $discount }).
price-members = Members have a loyalty price; tell staff your member number to use it.
ask-purchase = Would you like to buy it?

## Comparing
compare-cheaper = The { $name } is cheaper by { $difference }.
compare-same = They cost the same.
compare-what = Tell me which two you would like to compare.
cheaper-none = I have nothing cheaper of this kind.

## Buying
buy-what = Tell me first what you would like to buy.
ask-size = Which size would you like? Sizes here: { $sizes }.
order-line = { $quantity } × { $name }, { $colour }, size { $size }: { $price }.
order-line-plain = { $quantity } × { $name }: { $price }.
order-tax = Plus { $tax }: { $amount }.
ask-confirmation = The total is { $total }. Shall I charge that? Please say yes or no.
confirm-first = I only charge after a clear yes. Please say yes or no.
price-changed = The price has changed meanwhile.
paid = Paid: { $total }. Please take your goods from slot { $slots }.
thanks-name = Thank you, { $customer }!
thanks = Thank you!
receipt = Your receipt number is { $order }.
ask-feedback = How was it today? Tell me in a few words.
feedback-thanks = Thank you, I have noted that for the shop.
feedback-skipped = No problem. Goodbye!
order-cancelled = I have cancelled it; nothing was charged.
nothing-to-cancel = There is nothing to cancel; nothing was charged.
too-late-to-cancel = That order is already done. Please ask staff about a return.
order-expired = The reservation has run out; nothing was charged. Shall I reserve it again?

## Refusals
out-of-stock = Sorry, there is not enough of it left here.
too-many = I cannot sell that many at once.
limit-reached = { $name }: of such goods I may sell at most { $limit } to one customer a day.
age-restricted = This is only sold to people of { $min_age } and over, so a colleague must approve it. I have called one.
payment-declined = The payment was declined; nothing was charged. Would you like to try again?
payment-unclear = I could not reach the payment terminal; I have called a colleague. You will not be charged twice.
dispense-failed = The machine could not give out your goods. You were not charged; I have called a colleague.
dispense-partial = Only part of your order came out; you pay only for that. I have called a colleague.
dispense-unclear = I cannot tell whether your goods came out; I have called a colleague. You pay only for what comes out.
goods-unpaid = Your goods came out, but the payment could not be taken; you were not charged. I have called a colleague.
consent-void = The order has changed since you said yes. Let me ask again.

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = I am WalKiosk, the voice of this shop: a program written by people. What may I find for you?
talk-robot = I am not a human but a computer program with a voice. Tell me what you are looking for, or say “staff” if you would rather talk to a person.
talk-how-are-you = All is well in here, thank you for asking! What may I find for you?
talk-age-of-kiosk = I am a program and have no birthday, and my home is right here in this kiosk. What may I find for you?
talk-payment = You pay by card at the terminal, once you have said yes to the total. Tell me what you would like.
talk-cash = I cannot take cash here, only a card at the terminal. What else may I do for you?
talk-membership = Staff can tell you all about memberships and loyalty prices: say “staff”, and I call someone. Otherwise just tell me what you would like.
talk-returns = Staff help with exchanges and refunds. Just say “staff”, and I call someone.
talk-privacy = I use what you say only to serve you here and forget it when you leave; only your order and your feedback are kept. So do tell me what you are looking for.
talk-joke = Here is my best one: I stand around all day and call it work. And what may I find for you?
talk-song-or-play = Singing is not for me, but we can play at finding things: you name a colour, and I look for something to match.
talk-compliment = Thank you, that is kind of you! What else may I find for you?
talk-love = That is sweet of you! I am only a kiosk, but I would love to find something for you: what shall it be?
talk-insult = I am sorry that I was of no help. Please tell me once more what you need, or say “staff” for a person.
talk-bored-or-sad = I am sorry to hear that, and I hope the day still turns out well. Tell me a colour or a film you like, and I look for something nice.
talk-place = I do not know the building or the opening hours, but staff can help: say “staff”, and I call someone. Otherwise just tell me what you would like.
talk-discount = Prices are the same for everyone with the same membership, so I cannot change them. Just say “cheaper”, and I look for something less expensive.
talk-delivery = I only sell what is in this machine, and you take it with you right away; I cannot send anything. What may I find for you?
talk-try-on = I know of no fitting room here, but I can tell you which sizes there are. Whether something can be exchanged if it does not fit, staff can tell you.
talk-wrapping = There is no gift wrapping and no carrier bag here at the machine, sorry. Tell me when you would like to go on.
talk-languages-spoken = I speak English, Spanish, French, German, Italian, Portuguese, Hindi, Chinese and Japanese. Simply talk to me in the one you like.
talk-what-do-you-sell = Tell me a kind of thing, a colour or a scene from a film, and I see what I have.
talk-which-films = Just name a film, an actor or a director, and I see what I know about it.
talk-off-topic = I do not know that; I only know this shop. What may I find for you?
talk-sorry = No harm done! Just tell me what you would like.
talk-waiting = Take your time. I am here, just tell me when you are ready.
talk-just-looking = Of course, look around as you like. If you would like an idea, just tell me a colour or a film.
talk-noise = No problem! Just talk to me when you would like something.
talk-laugh = It is nice to have you in such a good mood! What may I find for you?
talk-test = Yes, that reached me! What may I find for you?
talk-stop-talking = All right, I am listening. I cannot change the volume, but staff can, and what I say is also on the screen.

## More to show, and asking again
more-there = There is more than these; say “more” or tell me what you like.
no-more = That was everything of that kind.
say-again-purchase = I did not get that. Would you like to buy it?
say-again-choice = I did not get that. Which one would you like?
say-again-size = I did not get that. Which size do you need?
