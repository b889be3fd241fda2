import type { DemoStory } from './newsroom.ts'

// A paragraph stays on one line: a line break inside it would reach the reader as one.
export const stories: DemoStory[] = [
  {
    key: 'lunar-relay-signal',
    minutesAgo: 2210,
    authors: ['leila-tamrazi'],
    tags: ['space', 'science'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'A relay the size of a washing machine calls home from lunar orbit',
        kicker: 'Space',
        standfirst:
          'Built by students and engineers at eleven universities, Pelagos-1 is meant to pass on messages from the far side of the Moon. Its first one was forty seconds of static and a birdsong.',
        dateline: 'Toulouse',
        markdown: `At 4.17 in the morning a line on a screen in Toulouse stopped being flat, and thirty people who had not slept began to hug. Pelagos-1, a relay satellite the size of a washing machine, had entered orbit around the Moon and was calling home.

The far side of the Moon never faces the Earth, so a radio there hears nothing from us and we hear nothing from it. That makes it a quiet place for astronomy and an awkward one for work. Pelagos-1 will fly a long, looping path from which it can see both the far side and the Earth for eight hours out of twelve, and pass messages between them.

## Built in corridors

The satellite cost 38 million euros, little for a journey of this kind. It was put together by a consortium of eleven universities, partly from parts left over from other missions. The main antenna was tested in a sports hall, because no laboratory was tall enough.

“We had a rule,” said Noor Hadleigh, who heads the control room. “If something can be bought in a shop, *we do not invent it*.”

Not everything went well. Two days after launch one of four reaction wheels, which turn the craft without fuel, began to run warm. Engineers switched it off and taught the satellite to manage with three.

## What comes next

Over the coming weeks the team intends to:

1. lower the orbit in five short burns
2. unfold the second antenna
3. hold a rehearsal with a ground station that pretends to be a lunar lander
4. open the service to other missions, **free of charge** in the first year

Four missions have already signed up, among them a radio telescope no bigger than a table, which is to listen for very old hydrogen.

---

The first transmission carried forty seconds of test signal, and then something that nobody in management had approved: the song of a blackbird, recorded by a student under the window of the laboratory. “It came back a little hoarse,” Hadleigh said. “But then, it had been a long way.”`
      },
      ru: {
        headline: 'Ретранслятор размером со стиральную машину вышел на связь с окололунной орбиты',
        kicker: 'Космос',
        standfirst:
          'Аппарат «Пелагос-1», собранный студентами и инженерами одиннадцати университетов, будет передавать сообщения с обратной стороны Луны. Первым стали сорок секунд помех и птичья песня.',
        dateline: 'Тулуза',
        markdown: `В 4:17 утра линия на экране в Тулузе перестала быть ровной, и три десятка не спавших всю ночь людей бросились обниматься. «Пелагос-1», спутник-ретранслятор размером со стиральную машину, вышел на орбиту вокруг Луны и подал голос.

Обратная сторона Луны никогда не поворачивается к Земле, поэтому радиоприемник там не слышит нас, а мы не слышим его. Для астрономии место тихое, для работы — неудобное. «Пелагос-1» будет летать по вытянутой петле, с которой восемь часов из двенадцати видны и обратная сторона, и Земля, и пересылать сообщения между ними.

## Собрано в коридорах

Спутник обошелся в 38 млн евро — для такого путешествия немного. Его построил консорциум одиннадцати университетов, отчасти из деталей, оставшихся от других миссий. Главную антенну испытывали в спортзале: ни в одну лабораторию она не помещалась по высоте.

«У нас было правило, — рассказывает руководитель центра управления Нур Хедли. — То, что можно купить в магазине, *мы не изобретаем*».

Гладко прошло не все. На третий день полета начал греться один из четырех маховиков, которые разворачивают аппарат без расхода топлива. Инженеры его отключили и научили спутник обходиться тремя.

## Что дальше

В ближайшие недели группа намерена:

1. снизить орбиту пятью короткими включениями двигателя
2. раскрыть вторую антенну
3. провести репетицию с наземной станцией, которая изобразит посадочный модуль
4. открыть доступ другим миссиям, в первый год — **бесплатно**

Заявки подали уже четыре проекта. Среди них радиотелескоп величиной со стол, которому предстоит слушать очень древний водород.

---

За сорока секундами проверочного сигнала последовало то, чего начальство не утверждало: пение черного дрозда, записанное студенткой под окном лаборатории. «Вернулся он слегка охрипшим, — говорит Хедли. — Но ведь и путь был неблизкий».`
      }
    }
  },
  {
    key: 'skarva-glacier-sensors',
    minutesAgo: 4905,
    authors: ['leila-tamrazi'],
    tags: ['climate', 'science', 'marenia'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'Cheap sensors redraw the map of a shrinking glacier',
        kicker: 'Climate',
        standfirst:
          'Two hundred plastic tubes, each cheaper than a pair of boots, show that the Skarva is melting fastest where nobody had thought to look: from below.',
        dateline: 'Skarva station, Marenia',
        markdown: `For sixty years the Skarva glacier was measured with eleven wooden poles. Twice a year somebody skied out, read off how much ice had gone and skied back. Now there are two hundred poles, they are made of plastic, and they report every ten minutes.

The first full year of their readings, published by the Institute of Northern Waters, confirms that the glacier is losing ice about as fast as the old poles said: on average 1.4 metres of thickness a year. What has changed is the picture of *where*.

“We believed it was melting from the sun downwards,” said Eirik Solhaven, the glaciologist in charge. “A fifth of the loss comes from **underneath**, along one narrow channel of warm water that enters from a lake. We had been walking over it all our lives.”

## Made in a garage

Each tube holds a thermometer, a tilt meter, a pressure gauge and a radio, and costs 95 crowns. Most of the parts come from greenhouse equipment. A commercial probe of the same kind costs some forty times as much, which is why nobody had ever put down more than a handful.

Cheap has its price. Of the two hundred tubes 31 have fallen silent: nine flooded, four were chewed by foxes, and the rest are somewhere under the snow. The researchers count on that.

> “One good instrument tells you the truth about one point,” said Solhaven. “Two hundred bad ones, if you know *how* they are bad, tell you about the valley.”

## Why the valley listens

The Skarva feeds the reservoir from which some 70,000 people drink. A better map of its meltwater changes two practical things:

- the waterworks can see a summer shortage six weeks ahead instead of two
- the village of Upper Lenn gets an hour more warning when the lake behind the ice begins to drain

The drawings and the software are free to copy. Teams in three countries have asked for them, and so has a secondary school in Lowmere, which would like to measure the snow on its own roof. Guidance on such measurements is collected by the [World Meteorological Organization](https://wmo.int/).

None of this slows the melting, Solhaven added. “A thermometer is not a medicine. But I should not like to be treated by somebody without one.”`
      },
      ru: {
        headline: 'Дешевые датчики перерисовали карту тающего ледника',
        kicker: 'Климат',
        standfirst:
          'Двести пластиковых трубок, каждая дешевле пары ботинок, показали: быстрее всего Скарва тает там, где никто не догадался посмотреть, — снизу.',
        dateline: 'Станция Скарва, Марения',
        markdown: `Шестьдесят лет ледник Скарва измеряли одиннадцатью деревянными вешками. Дважды в год кто-нибудь приходил на лыжах, записывал, сколько льда убыло, и уходил обратно. Теперь вешек двести, они пластиковые и выходят на связь каждые десять минут.

Институт северных вод опубликовал данные за первый полный год. Общую скорость таяния они подтверждают: лед в среднем становится тоньше на 1,4 метра в год, как и показывали старые вешки. Изменилось представление о том, *где* именно он тает.

«Мы думали, что лед уходит сверху, от солнца, — говорит руководитель работ гляциолог Эйрик Сульхавен. — А пятая часть потерь приходится на **подошву**: там по узкому каналу идет теплая вода из озера. Мы всю жизнь ходили прямо над ним».

## Сделано в гараже

В каждой трубке — термометр, датчик наклона, датчик давления и радиопередатчик. Стоит она 95 крон, большая часть деталей — от тепличного оборудования. Промышленный зонд того же назначения дороже раз в сорок, поэтому больше нескольких штук никто никогда не ставил.

У дешевизны есть цена. Замолчала 31 трубка из двухсот: девять затопило, четыре изгрызли лисы, остальные где-то под снегом. Исследователи к этому готовы.

> «Один хороший прибор скажет правду об одной точке, — объясняет Сульхавен. — Двести плохих, если знать, *чем* они плохи, расскажут о всей долине».

## Зачем это долине

Скарва питает водохранилище, из которого пьют около 70 тыс. человек. Точная карта талых вод меняет две вполне практические вещи:

- водоканал видит летнюю нехватку воды за шесть недель, а не за две
- деревня Верхний Ленн узнает на час раньше, что озеро за ледяной плотиной начало уходить

Чертежи и программы может бесплатно скопировать кто угодно. Их уже запросили ученые из трех стран и одна школа в Лоумире, где решили измерять снег на собственной крыше. Рекомендации по таким наблюдениям собирает [Всемирная метеорологическая организация](https://wmo.int/).

Таяния все это не остановит, оговаривается Сульхавен: «Градусник — не лекарство. Но лечиться у врача без градусника я бы не хотел».`
      }
    }
  },
  {
    key: 'dialect-recordings',
    minutesAgo: 7300,
    authors: ['leila-tamrazi', 'dana-okafor-lind'],
    tags: ['technology', 'culture'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'Librarians teach a computer the dialect it could not hear',
        kicker: 'Technology',
        standfirst:
          'Speech recognition used to turn the talk of Shetland into nonsense. A public library, nine hundred hours of old tapes and a great many cups of tea have changed that.',
        dateline: 'Lerwick',
        markdown: `When Isla Jamesdottir first played a tape of her great-aunt to a dictation program, it heard a recipe for concrete. The great-aunt had been talking about knitting.

Two years later the same tape comes out almost word for word. The difference is a project run not by a technology company but by a public library in Lerwick, which has taught an open speech model to follow the dialect of the Shetland islands. Mistakes have fallen from 61 words in a hundred to 9.

## Tapes and tea

The raw material lay in the cellar: nine hundred hours of interviews with crofters, fishermen and teachers, recorded over half a century and rarely heard since. To learn from them, a computer needs somebody to write down exactly what was said. So the library put on the kettle.

Every week some thirty volunteers, most of them past seventy, sat down with headphones. They typed what they heard, argued about spelling and voted on the disputed words. In the end they had transcribed **140 hours**, which proved to be enough.

> “The machine was the easy part,” said Jamesdottir, who is the librarian in charge. “The hard part was agreeing on how to write down a word that nobody had ever needed to write.”

## Whose voice is it?

The library asked before it used anything. Families of those recorded could refuse, and 14 did; their tapes stay in the cellar. The others signed a short agreement with three conditions:

- the recordings remain the property of the library
- nobody may use them to *imitate* a living or a dead person’s voice
- whatever is built from them stays open to the islanders, free of charge

That last point has drawn attention elsewhere. Libraries in four other countries have asked for the agreement, which fits on one page. “Usually the community gives the words and somebody else gets the product,” said Dr Kavi Restrel, who studies language technology. “Here the order is the other way round.”

The first application is modest. Visitors to the library can now search the tapes by typing a word, and hear everyone who ever said it. The most popular search so far is the one for *rain*, for which the islanders turn out to have used twenty-three different terms.`
      },
      ru: {
        headline: 'Библиотекари научили компьютер диалекту, которого он не слышал',
        kicker: 'Технологии',
        standfirst:
          'Системы распознавания превращали речь шетландцев в бессмыслицу. Положение исправили городская библиотека, девятьсот часов старых пленок и очень много чая.',
        dateline: 'Леруик',
        markdown: `Когда Айла Джеймсдоттир впервые дала программе-диктовщику послушать запись своей двоюродной бабушки, та услышала рецепт бетона. Бабушка рассказывала о вязании.

Два года спустя та же пленка расшифровывается почти слово в слово. Заслуга в этом принадлежит не технологической компании, а городской библиотеке Леруика: она обучила открытую речевую модель диалекту Шетландских островов. Если раньше программа ошибалась в 61 слове из ста, то теперь — в девяти.

## Пленки и чай

Сырье лежало в подвале: девятьсот часов бесед с фермерами, рыбаками и учителями, которые записывали полвека и с тех пор почти не переслушивали. Чтобы компьютер мог на них учиться, кто-то должен дословно записать сказанное. И в библиотеке поставили чайник.

Каждую неделю за наушники садились человек тридцать добровольцев, в основном старше семидесяти. Они печатали услышанное, спорили о написании и голосовали по трудным словам. Всего расшифровали **140 часов** — этого хватило.

> «С машиной было просто, — говорит руководившая работой Джеймсдоттир. — Трудно было договориться, как писать слово, которое никому еще не приходилось писать».

## Чей это голос

Прежде чем что-либо использовать, библиотека спрашивала разрешения. Семьи записанных могли отказаться, и 14 так и поступили: их пленки остались в подвале. Остальные подписали короткое соглашение с тремя условиями:

- записи остаются собственностью библиотеки
- никто не вправе с их помощью *подделывать* голос живого или умершего человека
- все созданное на их основе остается открытым и бесплатным для островитян

Последний пункт заметили и за пределами островов: текст соглашения, умещающийся на одной странице, запросили библиотеки четырех стран. «Обычно община отдает слова, а продукт достается кому-то другому, — говорит исследователь языковых технологий доктор Кави Рестрел. — Здесь порядок обратный».

Первое применение скромное. Посетитель библиотеки набирает слово и слышит всех, кто когда-либо произнес его на пленке. Чаще всего пока ищут *дождь*: островитяне, как выяснилось, называли его двадцатью тремя способами.`
      }
    }
  },
  {
    key: 'ninety-year-seeds',
    minutesAgo: 17420,
    authors: ['leila-tamrazi'],
    tags: ['science', 'marenia'],
    source: null,
    accessibleForFree: false,
    state: 'live',
    texts: {
      en: {
        headline: 'Seeds packed ninety years ago sprout on a windowsill in Lowmere',
        kicker: 'Botany',
        standfirst:
          'A gardener hid them in a tin and left instructions. Three generations of botanists have kept to them, and the latest opening brought a surprise in blue.',
        dateline: 'Lowmere, Marenia',
        markdown: `The instructions are written in pencil on the lid of a biscuit tin. *Open one packet every ten years. Sow in clean sand. Do not help.* Ninety years after they were written, botanists in Lowmere have opened the ninth packet, and eleven seeds out of fifty have come up.

The tin was left by Albrecht Munnering, head gardener of the Lowmere botanic garden, who wanted to know how long a seed can wait. He prepared twelve packets, each with seeds of ten common meadow plants, and shut them in a dry cupboard behind the stove. He lived to see three of them opened.

## Winners and losers

Most of the species gave up long ago. Quaking grass was the first to fail, after two decades; clover lasted for five. The mullein, a tall weed with yellow flowers, has sprouted **every single time**, and did so again.

The surprise was a cornflower. The species had not produced a seedling since the fourth packet and had been crossed off the list. On the nineteenth day a thin green hook pushed up out of the sand.

> “I did not believe it, so I told nobody for two days,” said Yrsa Kolbinger, who is in charge of the experiment. “On the third day there were two of them. One is a mistake. *Two is a result.*”

## Why wait for so long?

The question is older than the tin, and it has practical uses:

- seed banks need to know how often to renew what they keep
- farmers would like to know how long weeds stay alive in the soil
- those restoring a meadow may find that it is still there, asleep

Fifty seeds are too few for firm conclusions, Kolbinger stressed. What can be compared is the order in which species fail, and it agrees well with tests in which seeds are aged artificially by heat and damp. That is welcome news for laboratories which cannot wait for a century.

The seedlings will be allowed to flower, and the seeds they set will go into a new tin. It will have its own instructions, in pencil, for somebody who has not been born yet. Three packets are left in the old one. The next is due in ten years, and Kolbinger has put it in her calendar, *just in case*.`
      },
      ru: {
        headline: 'Семена, упакованные девяносто лет назад, взошли на подоконнике в Лоумире',
        kicker: 'Ботаника',
        standfirst:
          'Садовник спрятал их в жестянку и оставил указания, которые выполняет уже третье поколение ботаников. Очередной пакетик преподнес сюрприз синего цвета.',
        dateline: 'Лоумир, Марения',
        markdown: `Указания написаны карандашом на крышке коробки из-под печенья: *вскрывать по одному пакетику раз в десять лет, сеять в чистый песок, не помогать*. Через девяносто лет ботаники Лоумира вскрыли девятый пакетик, и одиннадцать семян из пятидесяти проросли.

Коробку оставил Альбрехт Муннеринг, главный садовник лоумирского ботанического сада. Он хотел узнать, сколько может ждать семя. Приготовил двенадцать пакетиков с семенами десяти обычных луговых растений и запер их в сухом шкафу за печью. При его жизни успели вскрыть три.

## Кто выдержал

Большинство видов сдались давно. Первой, через два десятилетия, не взошла трясунка, клевера хватило на пять. А коровяк, высокий сорняк с желтыми цветками, прорастал **каждый раз** — пророс и теперь.

Неожиданностью стал василек. После четвертого пакетика он не дал ни единого всхода, и его вычеркнули из списка. На девятнадцатый день из песка показался тонкий зеленый крючок.

> «Я не поверила и два дня никому не говорила, — признается Ирса Кольбингер, которая сейчас ведет опыт. — На третий день их стало два. Один росток — ошибка. *Два — результат*».

## Зачем столько ждать

Вопрос старше самой коробки, и польза от ответа вполне практическая:

- хранилищам семян нужно знать, как часто обновлять запасы
- земледельцам — сколько лет сорняки остаются живыми в почве
- те, кто восстанавливает луг, могут обнаружить, что он никуда не делся, а просто спит

Для твердых выводов пятидесяти семян мало, подчеркивает Кольбингер. Зато можно сравнить, в каком порядке виды теряют всхожесть, и порядок этот хорошо совпадает с лабораторными опытами, где семена искусственно старят жарой и сыростью. Это хорошая новость для тех, кто не может ждать целый век.

Росткам дадут зацвести, а их семена сложат в новую коробку — тоже с указаниями карандашом, для кого-то, кто еще не родился. В старой осталось три пакетика. Следующий полагается вскрыть через десять лет, и Кольбингер уже записала это в календарь — *на всякий случай*.`
      }
    }
  }
]
