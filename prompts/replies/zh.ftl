# What the kiosk says in Chinese. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = 您好！我可以帮您找商品、买商品，说说您是在哪部电影里看到的也行。您想要点什么？
welcome-known = 您好，{ $customer }！今天想找点什么？
small-talk = 很高兴和您聊天。请告诉我您想找什么。
ask-what = 还有什么可以帮您的？
thanks-reply = 不客气。您还需要别的吗？
goodbye = 再见，感谢您的光临！
help-text = 请告诉我您在找什么，比如某种颜色和尺码的衣服，或者某人在电影里穿戴过的东西。我会告诉您价格和有没有现货；等您说“我要这个”，我会先请您确认，然后才收款。
staff-called = 我已经叫了店员，马上就有人来为您服务。
language-changed = 好的，我们说中文。

## Not understood
not-heard = 我没有听到声音。请问有什么可以帮您？
too-long = 抱歉，这段话太长了。请用一两句话告诉我您想要什么。
not-understood = 抱歉，我没明白您的意思，请换个说法。
one-moment = 请稍等，现在需要的时间比平时长一点。
something-wrong = 抱歉，我这边出了点问题。请再试一次，或者请店员帮忙。

## Finding
found-one = 为您找到了{ $colour }的{ $name }。
found-one-plain = 为您找到了{ $name }。
found-many = 为您找到了这些：
option = { $position }. { $name }，{ $colour }：{ $price }。
option-plain = { $position }. { $name }：{ $price }。
ask-which = 您想要哪一款？
nothing-found = 抱歉，店里没有这样的商品。
nothing-so = 没有完全符合这些要求的商品。最接近的有：
unknown-name = 我没听说过“{ $name }”。
which-name = 您是指{ $names }吗？
path-none = 我知道{ $names }，但没有找到您问的内容。
path-none-plain = 我没有找到您问的内容。
path-answer = { $answer }。我是这样找到的：{ $path }。
path-names = 我找到了：{ $names }。
path-more = 一共有 { $count } 个；您再说具体一点，我就能缩小范围。
fact-value = { $node }：{ $value }。
fact-is = 是{ $node }。
fact-unknown = 我这里没有这项信息。
product-material = { $name }是{ $material }的。
product-description = 关于{ $name }：{ $description }

## Stock and price
in-stock = 这里有货。
in-stock-size = 这里有 { $size } 码的现货。
in-stock-your-size = 您的 { $size } 码这里有现货。
not-in-size = 这里没有 { $size } 码的现货。现有尺码：{ $sizes }。
not-in-your-size = 这里没有您的 { $size } 码的现货。现有尺码：{ $sizes }。
no-such-size = 这款没有 { $size } 码。现有尺码：{ $sizes }。
sizes-here = 现有尺码：{ $sizes }。
sold-out = 这里已经卖完了。
elsewhere = 在{ $places }可以买到。
no-such-colour = 这款没有{ $colour }。可选颜色：{ $colours }。
colours-available = 可选颜色：{ $colours }。
price-list = 价格是 { $list_price }。
price-reduced = 原价 { $list_price }，您只需付 { $price }（{ $discount }）。
price-members = 会员可享会员价，把会员号告诉店员即可。
ask-purchase = 您要买吗？

## Comparing
compare-cheaper = { $name }便宜 { $difference }。
compare-same = 它们价格一样。
compare-what = 请告诉我您想比较哪两件商品。
cheaper-none = 这类商品没有更便宜的了。

## Buying
buy-what = 请先告诉我您想买什么。
ask-size = 您要什么尺码？现有尺码：{ $sizes }。
order-line = { $quantity } × { $name }，{ $colour }，尺码 { $size }：{ $price }。
order-line-plain = { $quantity } × { $name }：{ $price }。
order-tax = 另加{ $tax }：{ $amount }。
ask-confirmation = 一共 { $total }。确认付款吗？请说“确认”或“取消”。
confirm-first = 只有您明确表示同意，我才会收款。请说“确认”或“取消”。
price-changed = 刚才价格有变动。
paid = 已付款：{ $total }。请从货道 { $slots } 取走您的商品。
thanks-name = 谢谢您，{ $customer }！
thanks = 谢谢您！
receipt = 您的收据号是 { $order }。
ask-feedback = 今天的体验怎么样？请简单说几句。
feedback-thanks = 谢谢，您的话我已经替店里记下了。
feedback-skipped = 没关系。再见！
order-cancelled = 订单已取消，没有扣款。
nothing-to-cancel = 现在没有可以取消的订单，也没有扣款。
too-late-to-cancel = 这个订单已经完成了。如需退货，请咨询店员。
order-expired = 预留时间已过，没有扣款。要为您重新预留吗？

## Refusals
out-of-stock = 抱歉，这里的库存不够了。
too-many = 抱歉，一次买不了这么多。
limit-reached = { $name }：这类商品每位顾客每天最多只能买 { $limit } 件。
age-restricted = 这件商品只售给年满 { $min_age } 周岁的顾客，需要店员批准。我已经叫了店员。
payment-declined = 付款被拒绝，没有扣款。要再试一次吗？
payment-unclear = 我连不上支付终端，已经叫了店员。不会重复扣款。
dispense-failed = 机器没能出货，没有向您扣款。我已经叫了店员。
dispense-partial = 您的订单只出了一部分货，您只需为已出的商品付款。我已经叫了店员。
dispense-unclear = 我无法确定您的商品是否已出货，已经叫了店员。您只需为实际出货的商品付款。
goods-unpaid = 您的商品已出货，但未能收款，没有向您扣款。我已经叫了店员。
consent-void = 您确认之后订单有了变化，我需要再问您一次。

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = 我叫 WalKiosk，是这家店的声音，一个由人编写的程序。您想找点什么？
talk-robot = 我不是真人，是一个会说话的电脑程序。您可以告诉我想找什么，想和真人说话就说“店员”。
talk-how-are-you = 我这里一切都好，谢谢您的关心！您想找点什么？
talk-age-of-kiosk = 我是程序，没有生日，家就在这台机器里。您想找点什么？
talk-payment = 您同意总价之后，在终端上刷卡付款就可以了。请告诉我您想要什么。
talk-cash = 抱歉，这里不收现金，只能在终端上刷卡。还有什么可以帮您的？
talk-membership = 入会和会员价的事，店员可以告诉您：说“店员”，我就帮您叫人。您也可以直接告诉我想要什么。
talk-returns = 退换货和退款由店员帮您处理。说“店员”，我就帮您叫人。
talk-privacy = 您说的话只用来在这里为您服务，您离开后我就忘掉，只保留您的订单和您给的评价。请放心告诉我您想找什么。
talk-joke = 我最拿手的笑话：整天站着不动，还管这叫上班。那么，您想找点什么？
talk-song-or-play = 我不会唱歌，不过可以玩找东西的游戏：您说一种颜色，我来找相配的。
talk-compliment = 谢谢您，您过奖了！您还想找点什么？
talk-love = 谢谢您的心意！我只是一台机器，不过很乐意帮您找点好东西，您想要什么？
talk-insult = 抱歉没能帮上您。请再说一次您需要什么，想找真人就说“店员”。
talk-bored-or-sad = 希望您的心情快点好起来。告诉我您喜欢的颜色或电影，我帮您找点好看的。
talk-place = 这栋楼的情况和营业时间我不了解，店员可以帮您：说“店员”，我就帮您叫人。您也可以直接告诉我想要什么。
talk-discount = 同等会员的价格都一样，我没法改。您说“便宜一点”，我就帮您找价格低一些的。
talk-delivery = 我只卖这台机器里的商品，您当场就能拿走，没法寄送。您想找点什么？
talk-try-on = 据我所知这里没有试衣间，不过我可以告诉您有哪些尺码。如果不合身，能不能换，请问一下店员。
talk-wrapping = 抱歉，这台机器没有礼品包装，也没有购物袋。您想继续的时候告诉我。
talk-languages-spoken = 我会说中文、英语、西班牙语、法语、德语、意大利语、葡萄牙语、印地语和日语。您喜欢用哪种就说哪种。
talk-what-do-you-sell = 请告诉我一类东西、一种颜色或者一个电影场景，我看看有什么。
talk-which-films = 说一部电影、一位演员或一位导演，我看看我知道些什么。
talk-off-topic = 这个我不知道，我只了解这家店。您想找点什么？
talk-sorry = 没关系！请告诉我您想要什么。
talk-waiting = 您慢慢来，我就在这里，想好了告诉我。
talk-just-looking = 好的，您随便看。想要点灵感的话，说一种颜色或一部电影就行。
talk-noise = 没问题！您需要什么的时候再跟我说。
talk-laugh = 您心情这么好，真让人高兴！您想找点什么？
talk-test = 您说的我收到了！您想找点什么？
talk-stop-talking = 好的，我听您说。音量我调不了，店员可以调；我说的话屏幕上也能看到。

## More to show, and asking again
more-there = 还有别的，请说“更多”，或者告诉我您喜欢什么样的。
no-more = 这类商品就是这些了。
say-again-purchase = 我没听明白。您要买吗？
say-again-choice = 我没听明白。您想要哪一款？
say-again-size = 我没听明白。您需要什么尺码？
