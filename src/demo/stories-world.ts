import type { DemoStory } from './newsroom.ts'

// A paragraph stays on one line: a line break inside it would reach the reader as one.
export const stories: DemoStory[] = [
  {
    key: 'corrin-strait-talks',
    minutesAgo: 47,
    authors: ['ines-halloran', 'tomas-verhaeren'],
    tags: ['diplomacy', 'world', 'marenia'],
    source: { name: 'Nikkei', url: 'https://asia.nikkei.com/' },
    breaking: true,
    state: 'live',
    texts: {
      en: {
        headline: 'Six coastal states close in on shared rules for the Corrin Strait',
        kicker: 'Diplomacy',
        standfirst:
          'Negotiators meeting in Singapore have settled most of a common rulebook for a crowded sea lane, Nikkei reports. Who pays for the pilots and the buoys is still open.',
        dateline: 'Singapore',
        markdown: `Officials from six coastal states have agreed on most of the text of a common rulebook for ships passing through the Corrin Strait, and could sign it before the end of the year, [Nikkei reports](https://asia.nikkei.com/), citing people involved in the talks.

The agreement would replace six national sets of instructions with one: a single reporting channel, a single speed limit in fog and one scale of fees for pilots. At present a freighter crossing the 140-kilometre waterway may have to announce itself four times, in three formats, to offices that do not share what they hear.

> “We have stopped arguing about whose water it is and started asking who answers the radio,” said Odile Ferrandel, who leads the Marenian delegation. “That is a smaller question. It is also the one that captains actually ask.”

## What has been settled

According to the draft described by the newspaper, the six governments have accepted three points:

- one joint traffic centre in Port Ansel, working round the clock
- a common limit of 10 knots whenever visibility drops below one nautical mile
- a free exchange of depth charts, updated every three months

The text would not change any border. Fishing rights, the subject of older quarrels, have been left out *on purpose*, one delegate said.

## What has not

Money remains the hard part. Marenia and Kaldria want the cost of pilots, buoys and the new centre divided by tonnage; the smaller states prefer equal shares with a discount for ferries. Matis Holler, deputy transport minister of Sorvia, called the gap “a matter of arithmetic rather than principle”, but said his government would **not** sign a text that made tickets dearer for islanders.

Shipping companies have pressed for a deal for years. An hour of delay costs a mid-sized container ship about 2,000 dollars in fuel and charter fees, by the estimate of the regional shipowners’ association, and in bad weather queues at the northern entrance have lasted up to nine hours.

The delegations are due to meet again next month in Port Ansel. If the table of fees is agreed there, the traffic centre could begin a six-month trial, with the full rules taking effect a year later.`
      },
      ru: {
        headline: 'Шесть прибрежных стран почти согласовали единые правила для Корринского пролива',
        kicker: 'Дипломатия',
        standfirst:
          'На переговорах в Сингапуре готова большая часть общих правил судоходства, сообщает Nikkei. Осталось решить, кто заплатит за лоцманов и буи.',
        dateline: 'Сингапур',
        markdown: `Представители шести прибрежных государств согласовали большую часть единых правил прохода судов через Корринский пролив и могут подписать документ до конца года, [сообщает Nikkei](https://asia.nikkei.com/) со ссылкой на участников переговоров.

Соглашение заменит шесть национальных инструкций одной: общий канал связи, общий предел скорости в тумане, общая шкала лоцманских сборов. Сейчас сухогрузу на 140-километровом пути порой приходится докладывать о себе четырежды и по трем разным формам — диспетчерам, которые не делятся друг с другом услышанным.

> «Мы перестали спорить, чья это вода, и начали выяснять, кто отвечает по рации, — говорит глава делегации Марении Одиль Феррандель. — Вопрос помельче, зато именно его и задают капитаны».

## О чем договорились

Судя по проекту, с которым ознакомилась газета, все шесть правительств приняли три пункта:

- единый круглосуточный центр управления движением в Порт-Анселе
- общее ограничение в 10 узлов при видимости меньше одной морской мили
- бесплатный обмен картами глубин с обновлением раз в три месяца

Границ документ не меняет. Права на рыбный промысел, из-за которых соседи ссорились прежде, *намеренно* вынесены за скобки, уточнил один из делегатов.

## О чем спорят

Самое трудное — деньги. Марения и Кальдрия предлагают делить расходы на лоцманов, буи и новый центр пропорционально тоннажу, малые страны — поровну, но со скидкой для паромов. Заместитель министра транспорта Сорвии Матис Холлер назвал разногласия «вопросом арифметики, а не принципа», однако предупредил: его правительство **не подпишет** текст, из-за которого для жителей островов подорожают билеты.

Судоходные компании добиваются соглашения не первый год. По оценке региональной ассоциации судовладельцев, час простоя обходится среднему контейнеровозу примерно в 2 тыс. долларов с учетом топлива и фрахта, а в непогоду очередь у северного входа в пролив растягивалась на девять часов.

Следующая встреча намечена на будущий месяц в Порт-Анселе. Если там утвердят таблицу сборов, центр начнет работу в пробном режиме на полгода, а полностью правила вступят в силу еще через год.`
      }
    }
  },
  {
    key: 'central-bank-holds',
    minutesAgo: 205,
    authors: ['tomas-verhaeren'],
    tags: ['economy', 'bank-of-marenia', 'marenia'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'Bank of Marenia holds its rate and asks for patience',
        kicker: 'Interest rates',
        standfirst:
          'Prices are rising more slowly, but not slowly enough for the central bank to make loans cheaper. Homeowners with floating mortgages will wait at least until the next quarter.',
        dateline: 'Port Ansel',
        markdown: `The Bank of Marenia left its main interest rate at 4.25% for the third meeting in a row, saying that inflation was falling “in the right direction, at the wrong speed”.

Consumer prices rose by 3.1% over the past twelve months, down from 3.4% a month earlier and well below the peak of 7.8%. The bank’s target is 2%. What keeps it cautious is the price of services: haircuts, repairs, rents and restaurant meals are still becoming dearer by more than 5% a year.

“A rate cut is not a reward for good news,” the governor, Renske Aldous, told reporters. “It is a decision about the prices of next year, and on those we would like **one more quarter** of evidence.”

## Seven votes to two

The decision was not unanimous. Two of the nine members of the board voted for a cut of a quarter of a point, the first open disagreement since the board began publishing its votes. They pointed to a weak building trade: permits for new homes have fallen for five months.

Economists had expected the pause, though not the tone. “The word *patience* appears six times in a statement of two pages,” said Corin Abelard, chief economist at the brokerage Hale & Strand. “Last time it appeared once.” He now expects the first cut two months later than before.

## Who feels it

For households the effect depends on the kind of loan:

1. **Floating mortgages**, about a third of the total, stay where they are. On an average debt of 180,000 crowns the monthly payment is 1,140 crowns.
2. **Fixed mortgages** taken out now cost 3.9% for ten years, slightly less than in the previous month, because markets already count on lower rates.
3. **Savers** still earn a little more than inflation takes away, for the first time in four years.

The crown strengthened by 0.4% against the euro after the announcement. Exporters grumbled; the association of timber mills said that each percent of appreciation costs its members about eleven million crowns a year.

The board meets again in six weeks, with a new forecast on the table. The governor declined to say what she expects to read in it.`
      },
      ru: {
        headline: 'Банк Марении сохранил ставку и попросил набраться терпения',
        kicker: 'Ставки',
        standfirst:
          'Цены растут медленнее, но не настолько, чтобы регулятор удешевил кредиты. Заемщикам с плавающей ипотекой придется ждать как минимум до следующего квартала.',
        dateline: 'Порт-Ансел',
        markdown: `Банк Марении третий раз подряд оставил ключевую ставку на уровне 4,25%, объяснив, что инфляция движется «в верном направлении, но с неверной скоростью».

За последние двенадцать месяцев потребительские цены выросли на 3,1%. Месяцем ранее было 3,4%, на пике — 7,8%, а цель регулятора — 2%. Осторожничать его заставляют услуги: стрижки, ремонт, аренда и обеды в ресторанах по-прежнему дорожают больше чем на 5% в год.

«Снижение ставки — не премия за хорошие новости, — заявила журналистам глава банка Ренске Олдос. — Это решение о ценах будущего года, и прежде чем его принять, мы хотим посмотреть на данные **еще одного квартала**».

## Семь против двух

Единогласия не было. Двое из девяти членов совета голосовали за снижение на четверть процентного пункта — это первое открытое разногласие с тех пор, как итоги голосования стали публиковать. Они сослались на слабость строительной отрасли: число разрешений на возведение жилья падает пять месяцев подряд.

Паузу экономисты предвидели, а вот тон оказался неожиданным. «На двух страницах заявления слово *терпение* встречается шесть раз, — подсчитал главный экономист брокерского дома „Хейл и Стрэнд“ Корин Абеляр. — В прошлый раз — однажды». Первого снижения он теперь ждет на два месяца позже, чем раньше.

## Кого это коснется

Для семей все зависит от вида кредита:

1. **Плавающая ипотека** — а это около трети всех займов — останется прежней. При среднем долге в 180 тыс. крон ежемесячный платеж составляет 1140 крон.
2. **Фиксированную ипотеку** сейчас выдают под 3,9% на десять лет. Это чуть дешевле, чем месяцем ранее: рынок уже закладывает в цену будущее снижение.
3. **Вкладчики** впервые за четыре года зарабатывают немного больше, чем съедает инфляция.

После объявления крона укрепилась к евро на 0,4%. Экспортеры недовольны: по данным ассоциации лесопильных заводов, каждый процент укрепления обходится ее членам примерно в 11 млн крон в год.

Следующее заседание совета — через шесть недель, к нему подготовят новый прогноз. Что она рассчитывает в нем прочесть, глава банка говорить отказалась.`
      }
    }
  },
  {
    key: 'lisbon-translators-festival',
    minutesAgo: 3480,
    authors: ['dana-okafor-lind'],
    tags: ['culture', 'lisbon', 'portugal'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'A Lisbon festival puts the translators on the poster',
        kicker: 'Books',
        standfirst:
          'At Two Tongues the authors sit in the audience and the people who carried their books across stand on the stage. The tickets were gone in a day.',
        dateline: 'Lisbon',
        markdown: `The names on the poster are set in the same size, but the order is unusual: first the translator, then the author. At Two Tongues, a literary festival that opened in a former rope factory by the river, that rule holds for everything, from the programme to the badges to the queue for coffee.

“A reader in Lisbon who loves a Korean novel has never read a word the novelist wrote,” said Beatriz Quintarosa, who founded the festival with two colleagues and a small city grant. “Every word on the page was chosen by somebody else. We thought it would be polite to **introduce** them.”

## A duel in slow motion

The most popular event is a duel. Two translators receive the same paragraph a week in advance, then defend their versions line by line before a room of four hundred people. In the opening round they spent eleven minutes on a single *perhaps*.

> “I left it out because the sentence already hesitates,” said Rui Alvarim.
>
> “I kept it in because the character does,” replied Marta Eskildsen. The room sided with her, narrowly.

Other evenings are stranger still. In one, a comedy is performed three times in three translations, and the laughter is measured; in another, translators read out the words they *never* managed to carry over, and the audience offers solutions on slips of paper. The best will be printed on next year’s tote bags.

## The small print

There is a practical side as well. On the last day publishers and translators are to sign a model contract with three simple clauses:

- the name of the translator on the front cover
- a share of the royalties, however modest, from the first copy sold
- six weeks to read the proofs, instead of the usual ten days

Nine Portuguese houses have promised to use it. Larger ones are still reading, Quintarosa said, “and we have offered to translate it for them”.

All 3,200 tickets were gone within a day, twice as fast as the organisers had hoped. Recordings with subtitles will be free to watch after the closing night. The subtitles, the programme promises, will be signed.`
      },
      ru: {
        headline: 'Лиссабонский фестиваль вынес имена переводчиков на афишу',
        kicker: 'Книги',
        standfirst:
          'На фестивале «Два языка» писатели сидят в зале, а на сцену выходят те, кто перевел их книги. Билеты разобрали за день.',
        dateline: 'Лиссабон',
        markdown: `Имена на афише набраны одним кеглем, но порядок непривычный: сначала переводчик, потом автор. На литературном фестивале «Два языка», который открылся в бывшей канатной мастерской у реки, это правило действует всюду — в программе, на бейджах и даже в очереди за кофе.

«Читатель в Лиссабоне, влюбленный в корейский роман, не прочел ни единого слова, написанного романистом, — говорит Беатрис Кинтароза, которая придумала фестиваль вместе с двумя коллегами и получила на него небольшой городской грант. — Каждое слово на странице выбрал кто-то другой. Мы решили, что вежливо было бы их **познакомить**».

## Поединок без спешки

Главный аттракцион — дуэль. Двое переводчиков за неделю получают один и тот же абзац, а затем построчно защищают свои версии перед залом на четыреста мест. В первом раунде одиннадцать минут ушло на единственное «*пожалуй*».

> «Я его убрал: фраза и без того сомневается», — объяснил Руй Алварин.
>
> «А я оставила: сомневается героиня», — ответила Марта Эскильдсен. Зал с небольшим перевесом встал на ее сторону.

Другие вечера еще причудливее. На одном комедию играют трижды, в трех переводах, и замеряют громкость смеха. На другом переводчики зачитывают слова, которые им *так и не дались*, а публика передает из зала записки с вариантами. Лучшие напечатают на сумках следующего фестиваля.

## Мелким шрифтом

Есть и практическая сторона. В последний день издатели и переводчики подпишут типовой договор с тремя простыми условиями:

- имя переводчика — на передней обложке
- процент с продаж, пусть скромный, начиная с первого экземпляра
- шесть недель на вычитку верстки вместо обычных десяти дней

Работать по нему пообещали девять португальских издательств. Те, что покрупнее, пока читают. «Мы предложили им сделать перевод», — шутит Кинтароза.

Все 3200 билетов разошлись за сутки — вдвое быстрее, чем рассчитывали устроители. После закрытия записи выложат в открытый доступ с субтитрами. Субтитры, обещает программа, будут подписаны.`
      }
    }
  },
  {
    key: 'saturday-branch-line',
    minutesAgo: 13150,
    authors: ['mikael-sundqvar'],
    tags: ['travel', 'slow-routes', 'portugal'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'The branch line that comes back to life on Saturdays',
        kicker: 'Slow Routes',
        standfirst:
          'Thirty-eight kilometres, eleven stops and one railcar with windows that open. In the cork country of southern Portugal a closed railway is running again, a day at a time.',
        dateline: 'Vila Serena, Portugal',
        markdown: `The 9.12 to Vila Serena leaves at 9.12, or when Senhor Anselmo has finished his coffee, whichever is later. Nobody on the platform looks at a watch. The line was closed for twenty-six years; four minutes are neither here nor there.

It runs for thirty-eight kilometres through cork oak and wheat, with eleven stops, and only on Saturdays. The rails never went away. When the railway company offered them for scrap, seven villages along the route put their money together and bought the line for less than the price of a new fire engine. Volunteers spent four years cutting back the brambles.

## What you see

The railcar is sixty years old, cream and green, and holds fifty-four people on benches that were re-covered by the upholstery class of the local school. Its windows *open*. At a speed of thirty kilometres an hour you can smell the country change: first dust, then fennel, then, after the long bridge, the river.

At the fourth stop a woman sells cheese through the window and gives change at the sixth, to which she drives by a shorter road. At the eighth there is no village at all, only a fig tree and a sign saying that the train will wait while passengers pick.

> “People ask what the train is for,” said Anselmo Britaldo, the driver, who is seventy-one and worked on the line as a young man. “On Monday I have no answer. On Saturday I do not need one.”

## How to go

1. Take any regional train to Beja, then the village bus, which meets the railcar.
2. Buy the ticket on board: 6 euros each way, **cash only**. Children and bicycles travel free.
3. Have lunch in Vila Serena before the train goes back at 15.40. The tavern by the station serves one dish, and it is the right one.

---

Last season the line carried 11,000 people and covered its costs, with enough left over for paint. There is talk of adding Sundays. The committee has discussed it at three meetings and, true to the spirit of the thing, is *in no hurry*.`
      },
      ru: {
        headline: 'Железная дорога, которая оживает по субботам',
        kicker: 'Неспешные маршруты',
        standfirst:
          'Тридцать восемь километров, одиннадцать остановок и один вагон с открывающимися окнами. На юге Португалии, среди пробковых рощ, снова ходит поезд — раз в неделю.',
        dateline: 'Вила-Серена, Португалия',
        markdown: `Поезд на Вила-Серену уходит в 9:12 или когда сеньор Анселму допьет кофе — смотря что случится позже. На часы никто из пассажиров не глядит. Линия простояла закрытой двадцать шесть лет, четыре минуты погоды не сделают.

Тянется она на тридцать восемь километров среди пробковых дубов и пшеницы, остановок одиннадцать, день работы — только суббота. Рельсы никуда и не девались. Когда железнодорожная компания решила сдать их в металлолом, семь окрестных деревень сложились и выкупили дорогу дешевле, чем стоит новая пожарная машина. Еще четыре года добровольцы вырубали ежевику.

## Что видно из окна

Вагону шестьдесят лет, он кремово-зеленый, в нем пятьдесят четыре места на скамьях, которые заново обили ученики местного училища. Окна *открываются*. На скорости тридцать километров в час слышно, как меняются запахи: сначала пыль, потом фенхель, а за длинным мостом — река.

На четвертой остановке женщина продает через окно сыр, а сдачу отдает на шестой: туда она успевает на машине короткой дорогой. На восьмой деревни нет вовсе — только смоковница и табличка, обещающая, что поезд подождет, пока пассажиры соберут инжир.

> «Меня спрашивают, для чего нужен этот поезд, — говорит машинист Анселму Бриталду, ему семьдесят один, и в молодости он работал на этой же линии. — В понедельник мне ответить нечего. А в субботу и отвечать не надо».

## Как добраться

1. Любым региональным поездом до Бежи, оттуда деревенским автобусом: он подходит прямо к вагону.
2. Билет купить у кондуктора: 6 евро в один конец, **только наличными**. Детей и велосипеды везут бесплатно.
3. Пообедать в Вила-Серене до обратного рейса в 15:40. В таверне у станции подают одно-единственное блюдо — то самое, которое нужно.

---

За прошлый сезон дорога перевезла 11 тыс. человек и окупилась, осталось даже на краску. Поговаривают о воскресных рейсах. Правление обсуждало их уже на трех заседаниях и, верное духу затеи, *никуда не торопится*.`
      }
    }
  }
]
