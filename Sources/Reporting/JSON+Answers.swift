import Analysis
import Metering

extension JSON {
    /// A question with its answer and the figures behind it.
    static func answer(_ answer: Answer) -> JSON {
        .object([
            ("question", .string(answer.question.rawValue)),
            ("factor", .string(answer.factor)),
            ("title", .string(answer.title)),
            ("verdict", .string(answer.verdict.rawValue)),
            ("sentence", .string(answer.sentence)),
            ("region", .string(orNull: answer.region)),
            ("per", .string(orNull: answer.per)),
            ("basis", .string(orNull: answer.basis?.rawValue)),
            ("figures", .array(answer.figures.map(figure))),
        ])
    }

    private static func figure(_ figure: Answer.Figure) -> JSON {
        .object([
            ("quantity", .string(figure.quantity.rawValue)),
            ("subject", .string(figure.subject)),
            ("place", .string(orNull: figure.place)),
            ("reference", .string(orNull: figure.reference)),
            ("levels", .dictionary(figure.levels) { .string($0) }),
            ("estimate", estimate(figure.estimate)),
            ("algorithms", .string(orNull: figure.algorithms?.rawValue)),
            ("margin", .number(orNull: figure.margin)),
        ])
    }
}
