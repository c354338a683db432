import Charts
import Mustache

/// A page in one file: no script, nothing loaded from anywhere, light, dark and paper by its style sheet.
package struct HTMLRenderer: Renderer {
    /// What the page is read on.
    package enum Medium: Sendable { case screen, paper }

    var medium: Medium

    /// A renderer with the embedded template.
    package init(medium: Medium = .screen) { self.medium = medium }

    /// Renders the page from `Reports/Templates/page.mustache` and `page.css`.
    package func render(_ report: any Reportable) throws -> String {
        let template = try MustacheTemplate(string: text(PackageResources.page_mustache))
        let document = medium == .paper ? report.document.shortened(to: paperRows) : report.document
        return template.render(
            [
                "style": medium == .paper ? PageStyle.paper : PageStyle.screen,
                "version": report.version,
                "title": whole(document.title),
                "subtitle": whole(document.subtitle),
                "verdict": unbroken(document.verdict),
                "highlights": document.highlights.map(values),
                "sections": document.sections.map { section -> [String: Any] in
                    ["id": section.id, "title": section.title, "blocks": section.blocks.map(values)]
                },
            ] as [String: Any]
        )
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func values(_ highlight: Highlight) -> [String: Any] {
        var values: [String: Any] = ["name": highlight.name, "value": highlight.value]
        if !highlight.detail.isEmpty { values["detail"] = highlight.detail }
        return values
    }

    /// Words in which no line ends between a number and its percent sign.
    private func unbroken(_ words: String) -> String { words.replacing(" %", with: "\u{A0}%") }

    /// Words in which no line ends within a date.
    private func whole(_ words: String) -> String {
        words.replacing(#/(\d)-(?=\d)/#) { "\($0.1)\u{2011}" }
    }

    /// A block under the one key that its part of the template asks for.
    private func values(_ block: Block) -> [String: Any] {
        switch block {
        case .heading(let words): ["heading": words]
        case .paragraph(let words): ["paragraph": unbroken(words)]
        case .list(let items): ["list": ["items": items.map(unbroken)]]
        case .warnings(let items): ["warnings": ["items": items.map(unbroken)]]
        case .facts(let facts): ["facts": ["items": facts.map { ["name": $0.name, "value": $0.value] }]]
        case .table(let table): ["table": values(table)]
        case .figure(let figure): ["figure": values(figure)]
        case .pair(let figures): ["pair": ["figures": figures.map { values($0, isPaired: true) }]]
        case .code(let lines): ["code": lines]
        }
    }

    private func values(_ figure: Figure, isPaired: Bool = false) -> [String: Any] {
        guard medium == .screen else {
            // A pair shows the narrow ones, a figure alone the wide one.
            return isPaired
                ? ["caption": figure.caption, "narrow": figure.narrow.paperSVG(id: figure.id)]
                : ["caption": figure.caption, "wide": figure.wide.paperSVG(id: figure.id)]
        }
        return [
            "caption": figure.caption,
            "wide": figure.wide.svg(id: "\(figure.id)-wide"),
            "narrow": figure.narrow.svg(id: "\(figure.id)-narrow"),
        ]
    }

    private func values(_ table: Table) -> [String: Any] {
        let align = table.columns.map { $0.numeric ? "n" : "w" }
        var values: [String: Any] = [
            "caption": table.caption,
            // A wide table becomes a list on a telephone, a short one stays on one page of paper.
            "kind": (table.columns.count > 3 ? "stack" : "") + (table.rows.count <= 12 ? " short" : ""),
            "columns": zip(table.columns, align).map { ["heading": $0.heading, "align": $1] },
            "rows": table.rows.map { row -> [String: Any] in
                var cells = zip(row, zip(table.columns, align)).map { cell, place -> [String: Any] in
                    var values: [String: Any] = ["text": cell.text, "align": place.1, "heading": place.0.heading]
                    if let detail = cell.detail { values["detail"] = detail }
                    return values
                }
                let first = cells.isEmpty ? [:] : cells.removeFirst()
                return ["first": first, "cells": cells]
            },
        ]
        if let note = table.note { values["note"] = note }
        return values
    }
}
