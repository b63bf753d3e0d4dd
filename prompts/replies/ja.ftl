# What the kiosk says in Japanese. Placeholders are filled with facts from tools, already formatted for the language.

## Greeting, small talk, help
welcome = いらっしゃいませ！当店の商品をお探しして販売いたします。ご覧になった映画からもお探しできます。何をお探しですか？
welcome-known = { $customer }様、いらっしゃいませ！本日は何をお探しですか？
small-talk = お話しできてうれしいです。お探しのものをお聞かせください。
ask-what = ほかに何かお手伝いできることはありますか？
thanks-reply = どういたしまして。ほかに何かございますか？
goodbye = ご来店ありがとうございました。さようなら！
help-text = お探しのものをお聞かせください。たとえば、服の色やサイズ、映画の中で誰かが身につけていたものなどです。価格と、ここに在庫があるかどうかをお伝えします。「これをください」とおっしゃったら、お支払いの前に確認いたします。
staff-called = スタッフを呼びました。まもなく参ります。
language-changed = はい、日本語でお話ししましょう。

## Not understood
not-heard = 何も聞こえませんでした。何をお手伝いしましょうか？
too-long = 少し長すぎました。ご希望を一言か二言でお聞かせください。
not-understood = 申し訳ありません、よく分かりませんでした。別の言い方でお願いします。
something-wrong = 申し訳ありません、こちらで問題が起きました。もう一度お試しになるか、スタッフをお呼びください。

## Finding
found-one = { $name }がございます。色：{ $colour }。
found-one-plain = { $name }がございます。
found-many = こちらの商品がございます：
option = { $position }. { $name }、{ $colour }：{ $price }。
option-plain = { $position }. { $name }：{ $price }。
ask-which = どれになさいますか？
nothing-found = そのような商品は当店にございません。
nothing-so = すべてのご希望に合う商品はございません。最も近いものはこちらです：
unknown-name = 「{ $name }」という名前は存じません。
which-name = { $names }のことでしょうか？
path-none = { $names }は存じていますが、ご質問に合うものは見つかりませんでした。
path-none-plain = ご質問に合うものは見つかりませんでした。
path-answer = { $answer }です。こうして見つけました：{ $path }。
path-names = 見つかりました：{ $names }。
path-more = 全部で{ $count }件あります。もう少しお聞かせいただければ絞り込めます。
fact-value = { $node }：{ $value }。
fact-is = { $node }です。
fact-unknown = その情報はこちらにございません。
product-material = { $name }の素材：{ $material }。
product-description = { $name }について：{ $description }

## Stock and price
in-stock = ここに在庫がございます。
in-stock-size = サイズ{ $size }の在庫がここにございます。
in-stock-your-size = お客様のサイズ、{ $size }の在庫がここにございます。
not-in-size = サイズ{ $size }はここにございません。ここにあるサイズ：{ $sizes }。
not-in-your-size = お客様のサイズ、{ $size }はここにございません。ここにあるサイズ：{ $sizes }。
no-such-size = サイズ{ $size }の取り扱いはございません。ここにあるサイズ：{ $sizes }。
sizes-here = ここにあるサイズ：{ $sizes }。
sold-out = ここでは売り切れです。
elsewhere = 在庫のある場所：{ $places }。
no-such-colour = この色の取り扱いはございません：{ $colour }。お選びいただける色：{ $colours }。
colours-available = お選びいただける色：{ $colours }。
price-list = 価格は{ $list_price }です。
price-reduced = 定価は{ $list_price }ですが、お支払いは{ $price }です（{ $discount }）。
price-members = 会員様には会員価格がございます。ご利用の際は、スタッフに会員番号をお伝えください。
ask-purchase = お買い求めになりますか？

## Comparing
compare-cheaper = { $name }のほうが{ $difference }お安いです。
compare-same = 価格は同じです。
compare-what = どの二つを比べるか、お聞かせください。
cheaper-none = この種類でこれより安いものはございません。

## Buying
buy-what = まず、何をお買い求めになるかお聞かせください。
ask-size = どのサイズになさいますか？ここにあるサイズ：{ $sizes }。
order-line = { $quantity } × { $name }、{ $colour }、サイズ{ $size }：{ $price }。
order-line-plain = { $quantity } × { $name }：{ $price }。
order-tax = 別途{ $tax }：{ $amount }。
ask-confirmation = 合計は{ $total }です。お会計してよろしいですか？「はい」か「いいえ」でお答えください。
confirm-first = はっきり「はい」とお答えいただいてから、お会計いたします。「はい」か「いいえ」でお答えください。
price-changed = その間に価格が変わりました。
paid = お支払い済み：{ $total }。商品をお取りください。取り出し口：{ $slots }。
thanks-name = { $customer }様、ありがとうございました！
thanks = ありがとうございました！
receipt = レシート番号は{ $order }です。
ask-feedback = 本日はいかがでしたか？一言お聞かせください。
feedback-thanks = ありがとうございます。お店への声として記録しました。
feedback-skipped = かしこまりました。さようなら！
order-cancelled = ご注文を取り消しました。請求はございません。
nothing-to-cancel = 取り消すものはございません。請求もございません。
too-late-to-cancel = そのご注文はすでに完了しています。返品についてはスタッフにお尋ねください。
order-expired = お取り置きの期限が切れました。請求はございません。もう一度お取り置きしますか？

## Refusals
out-of-stock = 申し訳ありません、ここには在庫が足りません。
too-many = 一度にそれほど多くは販売できません。
limit-reached = { $name }：この種類の商品の販売は、お一人様につき一日{ $limit }点までとなっております。
age-restricted = この商品は{ $min_age }歳以上の方にのみ販売しているため、スタッフの承認が必要です。スタッフを呼びました。
payment-declined = お支払いが承認されませんでした。請求はございません。もう一度お試しになりますか？
payment-unclear = 決済端末に接続できませんでした。スタッフを呼びました。二重に請求されることはございません。
dispense-failed = 商品をお出しできませんでした。請求はございません。スタッフを呼びました。
dispense-partial = ご注文の一部しか出ませんでした。お支払いは出た分だけです。スタッフを呼びました。
dispense-unclear = 商品が出たかどうか確認できません。スタッフを呼びました。お支払いは出た分だけです。
goods-unpaid = 商品は出ましたが、お支払いを承れませんでした。請求はございません。スタッフを呼びました。
consent-void = 「はい」とお答えいただいた後にご注文が変わりました。もう一度お尋ねします。
