//! The one product that a page offers: price, currency, availability, and what identifies it.

use riptide_types::Product;

use super::facts::Facts;
use super::structured::{Item, ItemGraph, local_part};
use super::text::{comparable, plain, squeezed};

/// Items that are products.
const PRODUCTS: &[&str] = &["Product", "ProductGroup", "IndividualProduct"];
/// Offers that are looked at.
const OFFERS: usize = 200;
/// Bytes of an identifier or a brand's name.
const NAME_SIZE: usize = 200;
/// Members of schema.org's `ItemAvailability`, and other words for them.
const AVAILABILITIES: &[(&str, &[&str])] = &[
    (
        "InStock",
        &["available", "lieferbar", "auflager", "enstock", "disponible", "disponibile", "disponivel"],
    ),
    ("OutOfStock", &["oos", "unavailable", "notavailable", "outstock"]),
    ("SoldOut", &["ausverkauft"]),
    ("PreOrder", &["preorders"]),
    ("PreSale", &[]),
    ("BackOrder", &["availablefororder"]),
    ("LimitedAvailability", &["limited", "lowstock"]),
    ("InStoreOnly", &[]),
    ("OnlineOnly", &[]),
    ("MadeToOrder", &[]),
    ("Reserved", &[]),
    ("Discontinued", &[]),
];
/// Signs that stand for one currency alone.
const SIGNS: &[(char, &str)] = &[
    ('€', "EUR"),
    ('£', "GBP"),
    ('₹', "INR"),
    ('₽', "RUB"),
    ('₺', "TRY"),
    ('₩', "KRW"),
    ('₴', "UAH"),
    ('₫', "VND"),
    ('₪', "ILS"),
];

/// The product of the page; `None` when it offers none, or several.
pub(super) fn resolve(facts: &Facts<'_>, subjects: &[&Item], title: Option<&str>) -> Option<Product> {
    let graph = &facts.items;
    let items = of_page(subjects, title);
    let offers: Vec<&Item> = items.iter().flat_map(|item| offers(graph, item)).take(OFFERS).collect();
    let price = cheapest(&offers).or_else(|| {
        let amount = facts.meta(&["product:price:amount", "og:price:amount", "product:sale_price:amount"])?;
        Some((decimal(amount)?, None, amount))
    });
    let currency = price.as_ref().and_then(|(_, currency, written)| {
        let stated = currency.or_else(|| facts.meta(&["product:price:currency", "og:price:currency"]));
        currency_code(stated.unwrap_or(written))
    });
    let availability = offers
        .iter()
        .find_map(|offer| offer.text("availability"))
        .or_else(|| facts.meta(&["product:availability", "og:availability"]));
    let of_items =
        |names: &[&str]| items.iter().find_map(|item| names.iter().find_map(|name| item.text(name)));
    let sku = of_items(&["sku", "productID", "mpn"]).or_else(|| facts.meta(&["product:retailer_item_id"]));
    let brand = items
        .iter()
        .find_map(|item| item.values("brand").find_map(|value| graph.name(value)))
        .or_else(|| facts.meta(&["product:brand", "og:brand"]));
    let name = |text: &str| Some(plain(text)).filter(|text| !text.is_empty() && text.len() <= NAME_SIZE);
    let product = Product {
        price: price.map(|(price, ..)| price),
        currency,
        availability: availability.and_then(availability_of).map(str::to_owned),
        sku: sku.and_then(name),
        brand: brand.and_then(name),
    };
    (product != Product::default()).then_some(product)
}

/// The items that describe the page's product. Several that go by different names are a list, unless the page is
/// called like one of them.
fn of_page<'a>(subjects: &[&'a Item], title: Option<&str>) -> Vec<&'a Item> {
    let says_something =
        |item: &Item| ["name", "offers", "hasVariant"].iter().any(|name| item.values(name).next().is_some());
    let products = subjects.iter().copied().filter(|item| item.is_a(PRODUCTS) && says_something(item));
    let products: Vec<&Item> = products.collect();
    let name = |item: &Item| comparable(&plain(item.text("name").unwrap_or_default()));
    let Some(first) = products.first().map(|item| name(item)) else { return products };
    if products.iter().all(|item| name(item) == first) {
        return products;
    }
    let title = comparable(title.unwrap_or_default());
    products.into_iter().filter(|item| name(item) == title).collect()
}

/// The offers of a product, those inside of an `AggregateOffer` and those of its variants.
fn offers<'a>(graph: &'a ItemGraph, product: &'a Item) -> Vec<&'a Item> {
    let variants = product.values("hasVariant").filter_map(|value| graph.follow(value));
    let direct = std::iter::once(product).chain(variants).flat_map(|item| item.values("offers"));
    let mut offers: Vec<&Item> = direct.filter_map(|value| graph.follow(value)).take(OFFERS).collect();
    let inner =
        offers.iter().flat_map(|offer| offer.values("offers")).filter_map(|value| graph.follow(value));
    let specified = offers.iter().flat_map(|offer| offer.values("priceSpecification"));
    let inner: Vec<&Item> =
        inner.chain(specified.filter_map(|value| graph.follow(value))).take(OFFERS).collect();
    offers.extend(inner);
    offers
}

/// The lowest price, its currency if it is stated, and the price as written.
fn cheapest<'a>(offers: &[&'a Item]) -> Option<(String, Option<&'a str>, &'a str)> {
    let priced = offers.iter().filter_map(|offer| {
        let stated = offer.text("lowPrice").or_else(|| offer.text("price"))?;
        let price = decimal(stated)?;
        let amount: f64 = price.parse().ok()?;
        Some((amount, (price, offer.text("priceCurrency"), stated)))
    });
    priced.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, offer)| offer)
}

/// The first number of a text as a decimal with a full stop: `1.299,00 €` and `1,299.00` become `1299.00`.
///
/// A single mark parts thousands when just three digits follow it, as in `1.299`; else it starts the fraction.
fn decimal(text: &str) -> Option<String> {
    const LONGEST: usize = 24;
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let number = text.get(start..)?;
    let end = number.find(|c: char| {
        !c.is_ascii_digit() && !matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}')
    });
    let number = number.get(..end.unwrap_or(number.len()))?.trim_end_matches(|c: char| !c.is_ascii_digit());
    if number.len() > LONGEST {
        return None;
    }
    let marks = number.matches(['.', ',']).count();
    let (whole, fraction) = match number.rsplit_once(['.', ',']) {
        Some((whole, fraction)) if is_fraction(whole, fraction, marks) => (whole, fraction),
        _ => (number, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    Some(if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") })
}

fn is_fraction(whole: &str, fraction: &str, marks: usize) -> bool {
    let parts_thousands = fraction.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0";
    let differs_from_grouping = marks == 1 || !whole.contains('.') || !whole.contains(',');
    let is_digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && differs_from_grouping && (if marks == 1 { !parts_thousands } else { fraction.len() != 3 })
}

/// An ISO 4217 code, from a code or from a price with its sign.
fn currency_code(text: &str) -> Option<String> {
    let text = text.trim();
    let code = text.split(|c: char| !c.is_ascii_alphabetic()).find(|word| word.len() == 3);
    match code {
        Some(code) => Some(code.to_ascii_uppercase()),
        None => SIGNS.iter().find(|(sign, _)| text.contains(*sign)).map(|(_, code)| (*code).to_owned()),
    }
}

fn availability_of(text: &str) -> Option<&'static str> {
    let stated = squeezed(local_part(text));
    let means =
        |(name, others): &&(&str, &[&str])| squeezed(name) == stated || others.contains(&stated.as_str());
    AVAILABILITIES.iter().find(means).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_of_all_usual_forms_become_decimals() {
        let cases = [
            ("19.99", "19.99"),
            ("1299", "1299"),
            ("1,299.00", "1299.00"),
            ("1.299,00 €", "1299.00"),
            ("$ 1 299.5", "1299.5"),
            ("1'299.00 CHF", "1299.00"),
            ("1.299", "1299"),
            ("0.125", "0.125"),
            ("1,234,567", "1234567"),
            ("from 12,50 to 20,00", "12.50"),
        ];
        for (text, expected) in cases {
            assert_eq!(decimal(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(decimal("on request"), None);
        assert_eq!(decimal(&"9".repeat(100)), None);
    }

    #[test]
    fn currencies_come_from_codes_and_from_signs_that_leave_no_doubt() {
        assert_eq!(currency_code("eur").as_deref(), Some("EUR"));
        assert_eq!(currency_code("12 €").as_deref(), Some("EUR"));
        assert_eq!(currency_code("12 USD").as_deref(), Some("USD"));
        assert_eq!(currency_code("$12"), None);
    }

    #[test]
    fn availability_is_told_by_name_address_and_usual_words() {
        for text in ["InStock", "https://schema.org/InStock", "in stock", "instock"] {
            assert_eq!(availability_of(text), Some("InStock"), "{text}");
        }
        assert_eq!(availability_of("http://schema.org/PreOrder"), Some("PreOrder"));
        assert_eq!(availability_of("perhaps"), None);
    }
}
