# What the kiosk says in Japanese. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = いらっしゃいませ！商品探しからお会計までお手伝いいたします。映画で見かけたあの品もお探しできます。何をお探しですか？
welcome-known = { $customer }様、いらっしゃいませ！本日は何をお探しですか？
small-talk = お話しできてうれしいです。お探しのものがございましたら、お聞かせください。
ask-what = ほかに何かお手伝いできることはありますか？
thanks-reply = こちらこそありがとうございます。ほかに何かございますか？
goodbye = ご来店ありがとうございました。またのお越しをお待ちしております！
help-text = お探しのものをお聞かせください。たとえば、ほしい服とその色やサイズ、映画の中で誰かが身につけていたものなどです。価格と、こちらに在庫があるかどうかをご案内いたします。「これをください」とおっしゃっていただければ、お支払いの前に確認いたします。
staff-called = スタッフを呼びました。まもなく参ります。
language-changed = かしこまりました。日本語でご案内いたします。

## Not understood
not-heard = お声が聞き取れませんでした。何をお手伝いしましょうか？
too-long = 申し訳ありません、お話が長くて分かりかねました。ご希望を一言か二言でお聞かせください。
not-understood = 申し訳ありません、よく分かりませんでした。別の言い方でお聞かせいただけますか？
something-wrong = 申し訳ありません、こちらで問題が起きました。もう一度お試しいただくか、スタッフをお呼びください。

## Finding
found-one = { $name }（{ $colour }）がございます。
found-one-plain = { $name }がございます。
found-many = こちらの商品がございます：
option = { $position }. { $name }、{ $colour }：{ $price }。
option-plain = { $position }. { $name }：{ $price }。
ask-which = どれになさいますか？
nothing-found = あいにく、そのような商品は当店にございません。
nothing-so = あいにく、すべてのご希望に合う商品はございません。いちばん近いものはこちらです：
unknown-name = 申し訳ありません、「{ $name }」という名前は分かりかねます。
which-name = { $names }のことでしょうか？
path-none = { $names }は分かりますが、ご質問に合うものは見つかりませんでした。
path-none-plain = ご質問に合うものは見つかりませんでした。
path-answer = { $answer }です。こうして見つけました：{ $path }。
path-names = 見つかりました：{ $names }。
path-more = 全部で{ $count }件ございます。もう少し詳しくお聞かせいただければ絞り込めます。
fact-value = { $node }：{ $value }。
fact-is = { $node }です。
fact-unknown = あいにく、その情報は持ち合わせておりません。
product-material = { $name }の素材は{ $material }です。
product-description = { $name }について：{ $description }

## Stock and price
in-stock = こちらに在庫がございます。
in-stock-size = サイズ{ $size }の在庫がこちらにございます。
in-stock-your-size = お客様のサイズ（{ $size }）の在庫がこちらにございます。
not-in-size = あいにく、サイズ{ $size }はこちらにございません。こちらにあるサイズ：{ $sizes }。
not-in-your-size = あいにく、お客様のサイズ（{ $size }）はこちらにございません。こちらにあるサイズ：{ $sizes }。
no-such-size = サイズ{ $size }のお取り扱いはございません。こちらにあるサイズ：{ $sizes }。
sizes-here = こちらにあるサイズ：{ $sizes }。
sold-out = あいにく、こちらでは売り切れております。
elsewhere = { $places }でお求めいただけます。
no-such-colour = { $colour }のお取り扱いはございません。お選びいただける色：{ $colours }。
colours-available = お選びいただける色：{ $colours }。
price-list = 価格は{ $list_price }です。
price-reduced = 定価{ $list_price }のところ、{ $price }でお求めいただけます（{ $discount }）。
price-members = 会員様には会員価格がございます。ご利用の際は、スタッフに会員番号をお伝えください。
ask-purchase = お買い求めになりますか？

## Comparing
compare-cheaper = { $name }のほうが{ $difference }お安いです。
compare-same = 価格は同じです。
compare-what = 比べたい二つの商品をお聞かせください。
cheaper-none = 同じ種類で、これよりお安いものはございません。

## Buying
buy-what = まず、お買い求めになる商品をお聞かせください。
ask-size = どのサイズになさいますか？こちらにあるサイズ：{ $sizes }。
order-line = { $name }（{ $colour }、サイズ{ $size }）を{ $quantity }点：{ $price }。
order-line-plain = { $name }を{ $quantity }点：{ $price }。
order-tax = 別途、{ $tax }：{ $amount }。
ask-confirmation = 合計は{ $total }です。お会計してよろしいですか？「はい」か「いいえ」でお答えください。
confirm-first = はっきり「はい」とお答えいただくまで、お会計はいたしません。「はい」か「いいえ」でお答えください。
price-changed = お話の間に価格が変わりました。
paid = { $total }のお支払いが完了しました。商品は取り出し口{ $slots }からお取りください。
thanks-name = { $customer }様、ありがとうございました！
thanks = ありがとうございました！
receipt = レシート番号は{ $order }です。
ask-feedback = 本日はいかがでしたか？一言お聞かせください。
feedback-thanks = ありがとうございます。お店への貴重なご意見として承りました。
feedback-skipped = かしこまりました。またのお越しをお待ちしております！
order-cancelled = ご注文を取り消しました。請求はございません。
nothing-to-cancel = 取り消すご注文はございません。請求もございません。
too-late-to-cancel = そのご注文はすでに完了しています。返品についてはスタッフにお尋ねください。
order-expired = お取り置きの期限が切れました。請求はございません。もう一度お取り置きいたしましょうか？

## Refusals
out-of-stock = 申し訳ありません、こちらの在庫が足りません。
too-many = 申し訳ありません、一度にそれほど多くは販売いたしかねます。
limit-reached = { $name }：この種類の商品の販売は、お一人様につき一日{ $limit }点までとなっております。
age-restricted = この商品は{ $min_age }歳以上の方にのみ販売しておりますので、スタッフの承認が必要です。スタッフを呼びました。
payment-declined = お支払いが承認されませんでした。請求はございません。もう一度お試しになりますか？
payment-unclear = 申し訳ありません、決済端末に接続できませんでした。スタッフを呼びました。二重に請求されることはございません。
dispense-failed = 申し訳ありません、商品をお出しできませんでした。請求はございません。スタッフを呼びました。
dispense-partial = 申し訳ありません、ご注文の一部しかお出しできませんでした。お支払いは、お出しできた分だけです。スタッフを呼びました。
dispense-unclear = 申し訳ありません、商品が出たかどうか確認できません。スタッフを呼びました。お支払いは、実際に出た分だけです。
goods-unpaid = 商品は出ましたが、お支払いの処理ができませんでした。請求はございません。スタッフを呼びました。
consent-void = 「はい」とお答えいただいた後に、ご注文の内容が変わりました。もう一度確認させてください。
