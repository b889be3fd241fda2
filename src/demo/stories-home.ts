import type { DemoStory } from './newsroom.ts'

// A paragraph stays on one line: a line break inside it would reach the reader as one.
export const stories: DemoStory[] = [
  {
    key: 'night-trams',
    minutesAgo: 640,
    authors: ['dana-okafor-lind'],
    tags: ['life', 'port-ansel', 'marenia'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'Port Ansel trams will run all night after a baker counts the passengers',
        kicker: 'City',
        standfirst:
          'Bakers, nurses and dockers asked for it for a year. The council has found the money for a twelve-month trial on two lines.',
        dateline: 'Port Ansel',
        markdown: `From next month the last tram in Port Ansel will no longer be the last. The city council voted by 31 to 12 to run two lines through the night, every twenty minutes, for a trial of twelve months.

Lines 3 and 7 cross at the Old Customs House and between them pass the hospital, the fish market, the university and the container port. Some 19,000 people who work in the city start or finish a shift between midnight and five in the morning, according to the transport office. Until now they have had a choice of a taxi, a bicycle or a long walk.

## A year of evidence

The idea came from a petition started by Petra Lindqvaal, who bakes bread on Cooper Street and leaves home at half past two. She did not write a manifesto. For a year she and forty volunteers stood at eleven stops and counted the people walking past.

> “You can argue with an opinion,” she told the council. “It is harder to argue with **four hundred and twelve people** on the Iron Bridge at three in the morning in the rain.”

The council asked the transport office to check her figures. They turned out to be slightly too *low*.

## The price of quiet

The trial will cost 2.3 million crowns. Part of it comes from the parking fund, part from an employers’ levy that the port and the hospital have accepted. A ticket will cost the same as by day.

Residents along the route worry about noise, above all at the tight curve on Saint Brendan Square, where the wheels squeal. The office has promised:

- rubber pads under the rails on the curve, before the first night
- a speed limit of 20 km/h there between eleven and six
- microphones on three façades, with the readings published every week

“If the numbers are bad, we shall see it at the same moment as the neighbours do,” said Ivo Marchetti-Lund, the councillor for transport. The opposition called the plan generous with other people’s sleep, but said it would judge the trial by its results.

The first night tram leaves the depot at 0.20. Lindqvaal intends to be on board; she says she will bring rolls.`
      },
      ru: {
        headline: 'Трамваи Порт-Ансела пойдут и ночью: помогли подсчеты пекаря',
        kicker: 'Город',
        standfirst:
          'Об этом год просили пекари, медсестры и докеры. Городской совет нашел деньги на двенадцатимесячный эксперимент на двух линиях.',
        dateline: 'Порт-Ансел',
        markdown: `Со следующего месяца последний трамвай в Порт-Анселе перестанет быть последним. Городской совет 31 голосом против 12 решил пустить две линии на всю ночь, с интервалом в двадцать минут. Эксперимент рассчитан на год.

Маршруты № 3 и № 7 пересекаются у Старой таможни и вместе охватывают больницу, рыбный рынок, университет и контейнерный порт. По данным транспортного управления, между полуночью и пятью утра начинают или заканчивают смену около 19 тыс. горожан. До сих пор им оставались такси, велосипед или долгая прогулка пешком.

## Год наблюдений

Начало положила петиция Петры Линдкваль: она печет хлеб на Бондарной улице и выходит из дома в половине третьего. Манифестов она не писала. Вместе с сорока добровольцами она год дежурила на одиннадцати остановках и считала прохожих.

> «С мнением можно поспорить, — сказала она депутатам. — С **четырьмястами двенадцатью пешеходами** на Железном мосту в три часа ночи под дождем спорить труднее».

Совет поручил транспортному управлению проверить эти цифры. Они оказались слегка *занижены*.

## Цена тишины

Эксперимент обойдется в 2,3 млн крон. Часть суммы даст парковочный фонд, часть — сбор с работодателей, на который согласились порт и больница. Билет будет стоить столько же, сколько днем.

Жителей соседних домов беспокоит шум, прежде всего на крутом повороте у площади Святого Брендана, где визжат колеса. Управление обещает:

- до первой же ночи уложить на повороте резиновые прокладки под рельсы
- ограничить там скорость до 20 км/ч с одиннадцати вечера до шести утра
- установить микрофоны на трех фасадах и каждую неделю публиковать замеры

«Если показатели окажутся плохими, мы узнаем об этом одновременно с жильцами», — заверил отвечающий за транспорт член совета Иво Маркетти-Лунд. Оппозиция заметила, что план великодушен за счет чужого сна, но судить о нем согласилась по результатам.

Первый ночной трамвай выйдет из депо в 0:20. Линдкваль собирается ехать на нем — и обещает захватить булочки.`
      }
    }
  },
  {
    key: 'vask-bay-record',
    minutesAgo: 1330,
    authors: ['mikael-sundqvar'],
    tags: ['sport', 'teodora-vask', 'port-ansel'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'Teodora Vask, 19, wins the Ansel Bay swim in record time',
        kicker: 'Open water',
        standfirst:
          'She was fourth at the lighthouse and second at the pier. A wrong turn that was not wrong at all gave her the race, and took 71 seconds off the record.',
        dateline: 'Port Ansel',
        markdown: `Teodora Vask won the Ansel Bay open-water race in 1 hour 52 minutes 8 seconds, cutting 71 seconds off a record that had stood since before she was born.

The nineteen-year-old student from Port Ansel was only fourth at the lighthouse, halfway through the ten-kilometre course, almost a minute behind the favourite, Anneke Straub of the Netherlands. Then, as the leading group turned straight for the pier, she swam away to the left.

“I thought she had lost her way,” said Straub, who finished second, 24 seconds back. “So did my coach. So, I believe, did *hers*.”

## A grandfather’s advice

She had not. At half tide a narrow current runs along the old breakwater, no more than fifteen metres wide and gone within half an hour. Fishermen know of it; it is on no chart. Vask had learned about it from her grandfather, who kept a boat in the bay for forty years, and had been measuring it since the age of twelve with floats made from orange peel.

> “The current was late,” she said on the pier, wrapped in three towels. “I had **ninety seconds** of thinking that I had made the worst mistake of my life. Then the water picked me up.”

The judges confirmed that she had kept inside the marked course throughout. The rules require swimmers to pass four buoys on the correct side, and say nothing about the line between them.

## The results

1. Teodora Vask, Marenia: 1:52.08
2. Anneke Straub, Netherlands: 1:52.32
3. Chiara Montelvi, Italy: 1:53.15

Of the 214 swimmers who started, 197 finished. The water was 17 degrees, with a light swell from the west, and the last competitor, a dentist of sixty-eight, came in to the loudest applause of the day.

Vask now goes to a training camp in Portugal before the first stage of the open-water series. She expects no favours there. “In that bay I know nobody’s grandfather,” she said. “I shall have to swim *faster*.”`
      },
      ru: {
        headline: 'Девятнадцатилетняя Теодора Васк выиграла заплыв в Анселской бухте с рекордом',
        kicker: 'Открытая вода',
        standfirst:
          'У маяка она шла четвертой, у пирса — второй. Победу принес поворот, который все сочли ошибкой: прежний рекорд улучшен на 71 секунду.',
        dateline: 'Порт-Ансел',
        markdown: `Теодора Васк выиграла заплыв на открытой воде в Анселской бухте, показав 1 час 52 минуты 8 секунд. Рекорд, установленный еще до ее рождения, улучшен на 71 секунду.

У маяка, на середине десятикилометровой дистанции, девятнадцатилетняя студентка из Порт-Ансела шла лишь четвертой и почти минуту проигрывала фаворитке — нидерландке Аннеке Страуб. А когда лидеры повернули прямо к пирсу, она вдруг ушла влево.

«Я решила, что она заблудилась, — рассказала Страуб, финишировавшая второй с отставанием в 24 секунды. — Мой тренер тоже так решил. И, по-моему, *ее* тренер».

## Дедушкин совет

Но она не заблудилась. В середине прилива вдоль старого волнолома идет узкое течение — метров пятнадцать в ширину, не больше, и живет оно от силы полчаса. Рыбаки о нем знают, на картах его нет. Васк услышала о нем от деда, сорок лет державшего в бухте лодку, и с двенадцати лет замеряла его поплавками из апельсиновой кожуры.

> «Течение запаздывало, — рассказала она на пирсе, закутанная в три полотенца. — **Полторы минуты** я думала, что совершила главную ошибку в жизни. А потом вода меня подхватила».

Судьи подтвердили, что за пределы размеченной дистанции она не выходила. По правилам нужно обогнуть четыре буя с нужной стороны, а какой линией плыть от одного к другому — дело спортсмена.

## Результаты

1. Теодора Васк, Марения — 1:52.08
2. Аннеке Страуб, Нидерланды — 1:52.32
3. Кьяра Монтельви, Италия — 1:53.15

Из 214 стартовавших до финиша добрались 197. Вода прогрелась до 17 градусов, с запада шла небольшая волна, а громче всех публика приветствовала последнего участника — шестидесятивосьмилетнего стоматолога.

Теперь Васк отправится на сборы в Португалию — готовиться к первому этапу серии на открытой воде. Поблажек она там не ждет. «В той бухте я не знаю ничьих дедушек, — говорит она. — Придется просто плыть *быстрее*».`
      }
    }
  },
  {
    key: 'outdoor-lessons-eyesight',
    minutesAgo: 9980,
    authors: ['leila-tamrazi'],
    tags: ['health', 'life', 'marenia'],
    source: null,
    state: 'live',
    texts: {
      en: {
        headline: 'One more lesson outdoors may slow short-sightedness, school trial suggests',
        kicker: 'Health',
        standfirst:
          'In twenty-four Marenian schools half the classes took one lesson a day into the yard. After two years fewer of those children needed glasses, though the researchers ask for caution.',
        dateline: 'Lowmere, Marenia',
        markdown: `Children who spent one lesson a day outdoors were less likely to become short-sighted than classmates who stayed inside, according to a two-year trial in twenty-four Marenian primary schools.

Among the pupils who went out, 14 in every 100 had become short-sighted by the end; among the others it was 19. The trial, run by the children’s clinic in Lowmere, followed 2,640 children aged six to eight. Schools were assigned to one group or the other **by lot**, which makes it harder for some other difference to explain the result.

Short-sightedness is becoming more common in much of the world. It cannot be reversed, but the later it begins the milder it tends to stay. The [World Health Organization](https://www.who.int/) names time outdoors among the things that help to protect children’s eyes.

## It is probably the light

Nobody is quite sure why it works. The leading idea is brightness: a cloudy morning in a school yard is still ten times brighter than a well-lit classroom, and bright light seems to slow the growth of the eyeball. Looking into the distance may help too.

“We did not ask the children to *do* anything,” said Dr Signe Aaldering, who led the study. “They had arithmetic on a bench. What mattered was the sky above it.”

### What the trial does not show

The authors list the limits themselves:

- two years is short, and the gap may narrow later
- about one child in nine dropped out, mostly because of moving house
- children in the outdoor group may also have played outside more at home

“I would call it *good evidence for a cheap idea*,” said Bram Tessander, an eye specialist who was not involved. “It replaces neither an eye test nor glasses.”

## What it took

The cost came to 60 crowns per pupil: folding boards, raincoats and a shelter in each yard. Teachers were sceptical at first. By the second year 20 of the 24 head teachers wanted to continue, and the ministry of education is to decide on a wider programme after the results have been reviewed.`
      },
      ru: {
        headline: 'Урок на свежем воздухе может сдерживать близорукость, показало исследование в школах',
        kicker: 'Здоровье',
        standfirst:
          'В двадцати четырех школах Марении половина классов каждый день проводила один урок во дворе. Через два года очки там понадобились реже, но ученые призывают не спешить с выводами.',
        dateline: 'Лоумир, Марения',
        markdown: `Дети, у которых один урок в день проходил под открытым небом, реже становились близорукими, чем их сверстники, остававшиеся в классе. Таков итог двухлетнего исследования в двадцати четырех начальных школах Марении.

К концу наблюдений близорукость развилась у 14 из каждых 100 учеников, занимавшихся во дворе, и у 19 из 100 — в остальных классах. За 2640 детьми от шести до восьми лет следили врачи детской клиники в Лоумире. Школы распределяли по группам **жребием**, поэтому списать разницу на посторонние причины труднее.

Близоруких становится больше во многих странах. Обратить ее вспять нельзя, но чем позже она начинается, тем обычно слабее остается. [Всемирная организация здравоохранения](https://www.who.int/) называет прогулки среди того, что помогает сберечь детское зрение.

## Вероятно, дело в свете

Почему это работает, до конца не ясно. Главная версия — яркость: даже пасмурным утром на школьном дворе раз в десять светлее, чем в хорошо освещенном классе, а яркий свет, по-видимому, замедляет рост глазного яблока. Возможно, полезно и смотреть вдаль.

«Ничего особенного мы от детей *не требовали*, — говорит руководитель работы доктор Сигне Алдеринг. — Та же арифметика, только на скамейке. Важно было небо над ней».

### Чего исследование не доказывает

Слабые места авторы перечисляют сами:

- два года — срок небольшой, позже разрыв может сократиться
- примерно каждый девятый ребенок выбыл, чаще всего из-за переезда
- дети из «уличной» группы могли больше гулять и после школы

«Я бы сказал, что это *хорошее подтверждение дешевой идеи*, — считает не участвовавший в работе офтальмолог Брам Тессандер. — Ни проверки зрения, ни очков она не заменит».

## Во что это обошлось

На каждого ученика потратили 60 крон: складные доски, дождевики и навес во дворе. Учителя поначалу сомневались. Однако ко второму году продолжать захотели 20 директоров из 24. Решать, распространять ли опыт шире, министерство образования будет после проверки результатов.`
      }
    }
  },
  {
    key: 'lighthouse-keepers-wanted',
    minutesAgo: 22600,
    authors: ['mikael-sundqvar', 'dana-okafor-lind'],
    tags: ['travel', 'slow-routes', 'life'],
    source: { name: 'The Lantern Review', url: 'https://lantern-review.example/' },
    state: 'live',
    texts: {
      en: {
        headline: 'Wanted: lighthouse keepers, no experience of solitude required',
        kicker: 'Slow Routes',
        standfirst:
          'The lamps have been automatic for decades. But a light without a keeper turns out to need one after all, and 1,900 people have applied to spend a month on a rock.',
        dateline: 'Skerry Head, Marenia',
        markdown: `The advertisement ran to four lines. *Keeper sought for one month. Lamp works by itself. Duties: paint, weather log, visitors. Bring books.* Within three weeks, [The Lantern Review reports](https://lantern-review.example/), the coastal trust of Marenia had received 1,900 applications for twelve places.

The lamp at Skerry Head has worked by itself for thirty-one years. What has not worked by itself is everything around it. Gutters fill; doors swell; a single missing slate can bring down a ceiling within two winters. The trust worked out that looking after an empty lighthouse from the mainland cost more than letting somebody live in it.

## A day on the rock

The first guest keepers arrived with the supply boat. Their day, according to the sheet pinned up by the kettle, goes like this:

1. Read the rain gauge and the barometer at seven, and enter both in the book.
2. Walk round the island, which takes nineteen minutes, and write down what has changed.
3. Scrape or paint for three hours, weather permitting.
4. Show round whoever has come by boat, and give them tea.

The rest is one’s own. There is a radio but no television, and a telephone signal on one corner of the wall, which has become known as the *office*.

> “I brought a cello and eleven novels,” said Hanne Ostervaag, a tax inspector on leave. “I have opened neither. It turns out that one can look at water **for a whole day**.”

## Who applies

The trust expected poets. It got nurses, programmers, two retired judges and a family of five. A quarter of the applicants named quiet as their reason; nearly as many wanted to *mend something* with their hands. Only six asked about the internet.

Not everyone lasts. One keeper left after four days because of the gulls. Another asked to stay for a second month and was refused, kindly: the list is long.

Visitors can take the boat from Lowmere harbour on any calm day, at 14 crowns for the return trip. The stairs have 146 steps. The tea, weather log in hand, is free.`
      }
    }
  },
  {
    key: 'cable-works-museum',
    minutesAgo: 90,
    authors: ['dana-okafor-lind'],
    tags: ['culture', 'port-ansel', 'marenia'],
    source: null,
    state: 'draft',
    texts: {
      en: {
        headline: 'Old cable works in Port Ansel to become a museum of distance',
        kicker: 'Museums',
        standfirst:
          'For ninety years the brick hall on Tar Quay wound the wires that joined continents. Now it is to tell how people have tried to hear one another from far away.',
        dateline: 'Port Ansel',
        markdown: `The largest object in the new museum cannot be moved, so the museum is being built around it. It is a drum eleven metres across, and in its day it wound undersea telegraph cable at the pace of a walking man.

The city has approved plans to turn the old cable works on Tar Quay into a museum of *distance*: of everything that people have done to reach those who are out of earshot. Building is to begin within the year and to take about thirty months.

“It is not going to be a museum of telephones,” said Agathe Rinnsholm, its first director. “A telephone in a glass case is furniture. We want to show what it was to **wait for an answer**.”

## Three rooms, three speeds

The draft plan divides the hall by the time a message takes:

- *weeks*: letters, ships and a wall of four hundred unopened envelopes lent by the post office
- *minutes*: the telegraph, with working keys that visitors can use to write to one another across the hall
- *no time at all*: the present, in a small, dark and silent room

Former workers have been asked for recollections. Sixty have answered so far, among them Tilda Corvane, who spliced cable here for twenty-two years and still keeps her knife.

> “You never knew what would be said through it,” she recalled. “Weddings, prices, nonsense. You only knew that it had to be dry.”

## What is still open

The budget is 18 million crowns, of which the city is to pay half. The rest should come from a foundation whose board has yet to vote. Neighbours have asked for the quay to stay open to anglers, and the architects have moved the café indoors to make room for them.

Admission will be free on the first weekend of each month. The opening exhibition is to be chosen by a public vote, by post.`
      }
    }
  }
]
