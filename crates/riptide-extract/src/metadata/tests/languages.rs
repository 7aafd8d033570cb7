//! Bylines and dates as fifteen languages write them.

use super::metadata;

/// A line beside the headline and the names in it.
type Byline = (&'static str, &'static [&'static str]);

const BYLINES: &[(&str, &[Byline])] = &[
    (
        "en",
        &[
            ("By Ada Moor", &["Ada Moor"]),
            ("Written by Ada Moor and Tom Reed", &["Ada Moor", "Tom Reed"]),
            ("Author: Ada Moor | May 17, 2024", &["Ada Moor"]),
        ],
    ),
    (
        "de",
        &[
            ("Von Ada Moor und Tom Reed", &["Ada Moor", "Tom Reed"]),
            ("Ein Artikel von Jörg Weiß", &["Jörg Weiß"]),
            ("Autorin: Ada Moor", &["Ada Moor"]),
            ("Von Ada Moor am 17. Mai 2024", &["Ada Moor"]),
        ],
    ),
    (
        "fr",
        &[
            ("Par Élise Morel et Luc Petit", &["Élise Morel", "Luc Petit"]),
            ("Rédigé par Élise Morel le 17 mai 2024", &["Élise Morel"]),
            ("Texte : Luc Petit", &["Luc Petit"]),
        ],
    ),
    (
        "es",
        &[
            ("Por Lucía Peña y Juan Gil", &["Lucía Peña", "Juan Gil"]),
            ("Escrito por Juan Gil el 17 de mayo de 2024", &["Juan Gil"]),
            ("Autora: Lucía Peña", &["Lucía Peña"]),
        ],
    ),
    (
        "pt",
        &[
            ("Por João Melo e Ana Dias", &["João Melo", "Ana Dias"]),
            ("Por Ana Costa e Silva", &["Ana Costa e Silva"]),
            ("Publicado por João Melo em 17 de maio de 2024", &["João Melo"]),
        ],
    ),
    (
        "it",
        &[
            ("Di Carla Riva e Ugo Sala", &["Carla Riva", "Ugo Sala"]),
            ("A cura di Carla Riva", &["Carla Riva"]),
            ("Scritto da Ugo Sala il 17 maggio 2024", &["Ugo Sala"]),
        ],
    ),
    (
        "nl",
        &[
            ("Door Anna Smit en Piet van den Berg", &["Anna Smit", "Piet van den Berg"]),
            ("Geschreven door Anna Smit", &["Anna Smit"]),
            ("Auteur: Anna Smit", &["Anna Smit"]),
        ],
    ),
    (
        "pl",
        &[
            ("Autor: Ewa Łoś", &["Ewa Łoś"]),
            ("Autorzy: Ewa Łoś i Jan Żak", &["Ewa Łoś", "Jan Żak"]),
            ("Napisała Ewa Łoś", &["Ewa Łoś"]),
        ],
    ),
    (
        "ru",
        &[
            ("Автор: Анна Лис", &["Анна Лис"]),
            ("Текст: Анна Лис и Пётр Гусь", &["Анна Лис", "Пётр Гусь"]),
            ("Автор статьи Анна Лис", &["Анна Лис"]),
        ],
    ),
    (
        "tr",
        &[
            ("Yazan: Ayşe Kaya", &["Ayşe Kaya"]),
            ("Yazar Ayşe Kaya ve Ömer Dağ", &["Ayşe Kaya", "Ömer Dağ"]),
            ("Haber: Ömer Dağ", &["Ömer Dağ"]),
        ],
    ),
    (
        "zh",
        &[
            ("作者：王小明", &["王小明"]),
            ("文/王小明、李小紅", &["王小明", "李小紅"]),
            ("記者王小明／台北報導", &["王小明"]),
            ("本报记者 王小明", &["王小明"]),
            ("作者：王小明 2024-05-17", &["王小明"]),
        ],
    ),
    (
        "ja",
        &[
            ("文：山田太郎と鈴木花子", &["山田太郎", "鈴木花子"]),
            ("取材・文＝山田太郎", &["山田太郎"]),
            ("執筆者：山田 太郎", &["山田 太郎"]),
            ("山田太郎記者", &["山田太郎"]),
        ],
    ),
    (
        "ko",
        &[
            ("홍길동 기자", &["홍길동"]),
            ("[서울=어제신문] 홍길동 기자 = ", &["홍길동"]),
            ("글: 홍길동, 김영희", &["홍길동", "김영희"]),
            ("작성자 : 홍길동", &["홍길동"]),
        ],
    ),
    (
        "ar",
        &[
            ("بقلم: أحمد علي", &["أحمد علي"]),
            ("كتب أحمد علي", &["أحمد علي"]),
            ("بقلم أحمد علي ومنى حسن", &["أحمد علي", "منى حسن"]),
            ("بقلم سارة وليد", &["سارة وليد"]),
        ],
    ),
    (
        "hi",
        &[
            ("लेखक: राम शर्मा", &["राम शर्मा"]),
            ("लेखक: राम शर्मा और सीता वर्मा", &["राम शर्मा", "सीता वर्मा"]),
            ("राम शर्मा द्वारा", &["राम शर्मा"]),
        ],
    ),
];

/// Ways to write the 17th of May 2024.
const DATES: &[(&str, &[&str])] = &[
    ("en", &["May 17, 2024", "Published 17th of May 2024", "Fri, May 17 2024"]),
    ("de", &["17. Mai 2024", "Veröffentlicht am 17.05.2024", "Freitag, 17. Mai 2024"]),
    ("fr", &["17 mai 2024", "Publié le 17/05/2024", "vendredi 17 mai 2024"]),
    ("es", &["17 de mayo de 2024", "Publicado el 17/05/2024", "17 may. 2024"]),
    ("pt", &["17 de maio de 2024", "Publicado em 17/05/2024", "17 mai 2024"]),
    ("it", &["17 maggio 2024", "Pubblicato il 17/05/2024", "venerdì 17 mag 2024"]),
    ("nl", &["17 mei 2024", "Gepubliceerd op 17-05-2024", "vrijdag 17 mei 2024"]),
    ("pl", &["17 maja 2024 r.", "Opublikowano 17.05.2024", "piątek, 17 maj 2024"]),
    ("ru", &["17 мая 2024 г.", "Опубликовано 17.05.2024", "17-го мая 2024 года"]),
    ("tr", &["17 Mayıs 2024", "Yayınlanma: 17.05.2024", "17 Mayıs 2024 Cuma"]),
    ("zh", &["2024年5月17日", "发布于2024年05月17日", "二〇二四年五月十七日", "民國113年5月17日"]),
    ("ja", &["2024年5月17日（金）", "公開日：令和6年5月17日", "2024/05/17 10:30", "２０２４年５月１７日"]),
    ("ko", &["2024년 5월 17일", "입력 2024.05.17. 10:30", "2024. 5. 17. 오전 10:30"]),
    ("ar", &["17 مايو 2024", "نشر في ١٧ مايو ٢٠٢٤", "١٧ أيار ٢٠٢٤", "17/05/2024"]),
    ("hi", &["17 मई 2024", "प्रकाशित: १७ मई २०२४", "मई 17, 2024"]),
];

fn page(language: &str, line: &str) -> String {
    format!("<html lang={language}><title>Soil</title><h1>Soil</h1><div><p>{line}</p></div><p>Text</p>")
}

#[test]
fn bylines_name_their_authors_in_every_language() {
    for (language, bylines) in BYLINES {
        assert!(bylines.len() >= 3, "{language}");
        for (line, expected) in *bylines {
            assert_eq!(metadata(&page(language, line)).authors, *expected, "{language}: {line}");
        }
    }
}

#[test]
fn dates_are_read_in_every_language() {
    for (language, lines) in DATES {
        assert!(lines.len() >= 3, "{language}");
        for line in *lines {
            let found = metadata(&page(language, line)).published;
            assert_eq!(found.as_deref(), Some("2024-05-17"), "{language}: {line}");
        }
    }
}

#[test]
fn every_month_is_known_by_its_names() {
    let years = [
        (
            "pl",
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        ),
        ("ru", "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
        ("tr", "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık"),
        ("ar", "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
        ("hi", "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर"),
        ("zh", "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月"),
    ];
    for (language, names) in years {
        for (name, month) in names.split(' ').zip(1..) {
            let line = if language == "zh" {
                format!("二〇二四年{name}九日")
            } else {
                format!("9 {name} 2024")
            };
            let found = metadata(&page(language, &line)).published;
            assert_eq!(found, Some(format!("2024-{month:02}-09")), "{language}: {name}");
        }
    }
    let found = metadata(&page("ar", "9 تشرين الثاني 2024")).published;
    assert_eq!(found.as_deref(), Some("2024-11-09"));
}

#[test]
fn dates_of_change_are_told_apart_in_every_language() {
    let lines = [
        "Aktualisiert: 20.05.2024",
        "Mis à jour le 20 mai 2024",
        "Actualizado: 20 de mayo de 2024",
        "Aggiornato il 20 maggio 2024",
        "Bijgewerkt: 20 mei 2024",
        "Aktualizacja: 20 maja 2024",
        "Обновлено 20 мая 2024",
        "Güncelleme: 20 Mayıs 2024",
        "更新日：2024年5月20日",
        "수정 2024.05.20",
        "آخر تحديث 20 مايو 2024",
        "अपडेट: 20 मई 2024",
    ];
    for line in lines {
        let found = metadata(&page("", &format!("{line}</p><p>2024-05-17")));
        let dates = (found.published.as_deref(), found.modified.as_deref());
        assert_eq!(dates, (Some("2024-05-17"), Some("2024-05-20")), "{line}");
    }
}

#[test]
fn words_that_only_look_like_bylines_name_nobody() {
    for line in [
        "Text size",
        "Di più su questo",
        "文字を大きくする",
        "作者の声",
        "記者会見",
        "Von hier an",
        "कोई द्वारपाल",
    ] {
        assert_eq!(metadata(&page("", line)).authors, Vec::<String>::new(), "{line}");
    }
}
