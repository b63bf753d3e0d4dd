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
one-moment = 少々お待ちください。いつもより少し時間がかかっております。
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

## Small talk: the answer to each topic of ../small_talk
talk-who-are-you = 人が作ったプログラムで、WalKioskという名前でこの店の声を務めております。何をお探しですか？
talk-robot = 人間ではなく、声で話すコンピューターのプログラムです。お探しのものをお聞かせいただくか、人とお話しになりたいときは「スタッフ」とおっしゃってください。
talk-how-are-you = おかげさまで順調です、お気遣いありがとうございます！何をお探しですか？
talk-age-of-kiosk = プログラムですので誕生日はなく、住まいはこの機械の中です。何をお探しですか？
talk-payment = 合計金額に「はい」とお答えいただいた後、端末でカードでお支払いいただけます。ご希望の品をお聞かせください。
talk-cash = 恐れ入りますが、こちらでは現金はお使いいただけず、お支払いは端末でカードのみです。ほかに何かお手伝いできることはありますか？
talk-membership = 入会や会員価格については、スタッフがご案内いたします。「スタッフ」とおっしゃっていただければお呼びします。
talk-returns = 返品や交換、返金は、スタッフが承ります。「スタッフ」とおっしゃっていただければお呼びします。
talk-privacy = お話の内容はここでのご案内だけに使い、お帰りになると忘れ、残るのはご注文とご感想だけです。安心してお探しのものをお聞かせください。
talk-joke = とっておきの冗談ですが、一日中立っているだけなのに、これを仕事と呼んでおります。さて、何をお探しですか？
talk-song-or-play = 歌は苦手ですが、探しもの遊びならできます。お好きな色をおっしゃってください、合うものをお探しします。
talk-compliment = お褒めの言葉をありがとうございます！ほかにお探しのものはございますか？
talk-love = うれしいお言葉をありがとうございます！ただの機械ですが、すてきな品ならお探しいたしますので、ご希望をお聞かせください。
talk-insult = お役に立てず申し訳ありません。ご希望をもう一度お聞かせいただくか、人がよろしければ「スタッフ」とおっしゃってください。
talk-bored-or-sad = そんな日もございますね、少しでも良い一日になりますように。お好きな色や映画をお聞かせいただければ、すてきな品をお探しします。
talk-place = 建物のことや営業時間は分かりかねますが、スタッフがお手伝いできます。「スタッフ」とおっしゃっていただければお呼びします。
talk-discount = 価格は会員資格が同じならどなたも同じですので、変更はいたしかねます。「もっと安い」とおっしゃっていただければ、お手頃な品をお探しします。
talk-delivery = 販売しているのはこの機械の中の商品だけで、その場でお持ち帰りいただき、配送はいたしかねます。何をお探しですか？
talk-try-on = 試着室については存じませんが、どのサイズがあるかはご案内できます。合わない場合に交換できるかどうかは、スタッフにお尋ねください。
talk-wrapping = 恐れ入りますが、この機械ではプレゼント包装や手提げ袋のご用意がございません。続けられるときにお声がけください。
talk-languages-spoken = 日本語、英語、スペイン語、フランス語、ドイツ語、イタリア語、ポルトガル語、ヒンディー語、中国語をお話しします。お好きな言葉で話しかけてください。
talk-what-do-you-sell = 品物の種類や色、映画の場面などをお聞かせください。こちらにあるものをお探しします。
talk-which-films = 映画や俳優、監督の名前をお聞かせください。知っていることがあるかお調べします。
talk-off-topic = あいにく、この店のこと以外は分かりかねます。何をお探しですか？
talk-sorry = お気になさらないでください！ご希望をお聞かせください。
talk-waiting = どうぞごゆっくり。お決まりになりましたらお声がけください。
talk-just-looking = どうぞごゆっくりご覧ください。ヒントがほしいときは、色や映画をお聞かせください。
talk-noise = かしこまりました！ご用のときに話しかけてください。
talk-laugh = 楽しそうで何よりです！何をお探しですか？
talk-test = はい、届いております！何をお探しですか？
talk-stop-talking = はい、お話をうかがいます。音量は変えられませんが、スタッフなら調整でき、画面にも文字が出ております。

## More to show, and asking again
more-there = ほかにもございます。「もっと」とおっしゃるか、お好みをお聞かせください。
no-more = この種類の商品は以上です。
say-again-purchase = よく分かりませんでした。お買い求めになりますか？
say-again-choice = よく分かりませんでした。どれになさいますか？
say-again-size = よく分かりませんでした。どのサイズがご入り用ですか？
