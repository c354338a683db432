/// The three letters of a country (ISO 3166-1 alpha-3) by its two, as `DEU` of `DE`; `nil` of a zone that is none.
public func countryCode(ofZone zone: String) -> String? { codes[zone] }

/// Written by `Scripts/country_codes.py`; read where a form asks for it, never at start-up.
private let codes: [String: String] = {
    let rows = (try? embeddedRows(PackageResources.country_codes_csv, columns: 2)) ?? []
    return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
}()
