private import RealModule

/// The regularised incomplete beta function I_x(a, b), in [0, 1]; NaN outside a, b > 0 and 0 <= x <= 1.
///
/// `complement` is 1 - x where the caller knows it better than the subtraction does. Sources: continued fraction
/// DLMF 8.17.22 by the modified Lentz method, and the symmetry I_x(a, b) = 1 - I_(1-x)(b, a), DLMF 8.17.4.
public func regularizedIncompleteBeta(_ x: Double, _ a: Double, _ b: Double, complement: Double? = nil) -> Double {
    let y = complement ?? 1 - x
    guard a > 0, b > 0, x >= 0, y >= 0, a.isFinite, b.isFinite else { return .nan }
    guard x > 0 else { return 0 }
    guard y > 0 else { return 1 }
    // x^a (1-x)^b / B(a, b), with the logarithm of the larger of x and y taken from the smaller one.
    let logX = x < 0.5 ? Double.log(x) : Double.log(onePlus: -y)
    let logY = y < 0.5 ? Double.log(y) : Double.log(onePlus: -x)
    let front = Double.exp(a * logX + b * logY - logBeta(a, b))
    guard x > (a + 1) / (a + b + 2) else { return front / a * continuedFraction(x, a, b) }
    return 1 - front / b * continuedFraction(y, b, a)
}

/// The continued fraction of DLMF 8.17.22 without its factor; converges fast for x < (a + 1)/(a + b + 2).
private func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    let tiny = 1e-300
    let clear = { (number: Double) in number.magnitude < tiny ? tiny : number }
    var c = 1.0
    var d = 1 / clear(1 - (a + b) * x / (a + 1))
    var value = d
    // The number of terms grows with the square root of the larger parameter.
    let limit = 200 + 20 * max(a, b).squareRoot()
    var m = 1.0
    while m < limit {
        let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / clear(1 + even * d)
        c = clear(1 + even / c)
        value *= d * c
        let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / clear(1 + odd * d)
        c = clear(1 + odd / c)
        value *= d * c
        if (d * c - 1).magnitude < 1e-16 { break }
        m += 1
    }
    return value
}

/// The natural logarithm of the beta function, without the cancellation of three large log-gammas.
///
/// Source: the splitting of Didonato and Morris, ACM TOMS 18 (1992), 360-373 (algorithm 708), on Stirling's series.
func logBeta(_ a: Double, _ b: Double) -> Double {
    let p = min(a, b)
    let q = max(a, b)
    guard q >= 10 else { return .logGamma(p) + .logGamma(q) - .logGamma(p + q) }
    let correction = stirlingRemainder(q) - stirlingRemainder(p + q)
    let ratio = (q - 0.5) * Double.log(onePlus: -p / (p + q))
    guard p >= 10 else { return .logGamma(p) + correction + p - p * .log(p + q) + ratio }
    let halfLogTwoPi = 0.918_938_533_204_672_74
    return halfLogTwoPi - 0.5 * .log(q) + stirlingRemainder(p) + correction + (p - 0.5) * .log(p / (p + q))
        + q * .log(onePlus: -p / (p + q))
}

/// What Stirling's formula leaves out of log-gamma at x >= 10; DLMF 5.11.1.
private func stirlingRemainder(_ x: Double) -> Double {
    let s = 1 / (x * x)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360_360))))) / x
}
