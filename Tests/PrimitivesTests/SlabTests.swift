import Primitives
import Testing

@Suite struct SlabTests {
  /// Counts how many of it live.
  private final class Tenant {
    final class Count { var living = 0 }
    let number: Int
    private let count: Count

    init(_ number: Int, _ count: Count) {
      self.number = number
      self.count = count
      count.living += 1
    }

    deinit { count.living -= 1 }
  }

  @Test func `a place is reused last freed first, with a new generation`() {
    var slab = Slab<Int>(limit: 10)
    let places = (0..<3).map { slab.insert($0) }
    #expect(places == [0, 1, 2])
    let generation = slab.generation(1)
    slab.remove(0)
    slab.remove(1)
    #expect(!slab.isUsed(1) && slab.count == 1 && slab.extent == 3)
    #expect(slab.insert(7) == 1)
    #expect(slab.generation(1) != generation)
    #expect(slab.insert(8) == 0 && slab.insert(9) == 3)
    #expect(slab[1] == 7 && slab[0] == 8 && slab[2] == 2 && slab[3] == 9)
  }

  @Test func `a full slab refuses and goes on`() {
    var slab = Slab<Int>(limit: 2)
    #expect(slab.insert(1) == 0 && slab.insert(2) == 1)
    #expect(slab.insert(3) == nil && slab.count == 2)
    slab.remove(0)
    #expect(slab.insert(4) == 0 && slab.insert(5) == nil)
  }

  @Test func `a place that was never used is not in use`() {
    let slab = Slab<Int>(limit: 2)
    #expect(!slab.isUsed(0) && !slab.isUsed(99))
  }

  @Test func `elements change in place and outlive growth`() {
    var slab = Slab<Int>(limit: 1_000)
    for number in 0..<1_000 { #expect(slab.insert(number) == number) }
    for number in 0..<1_000 { slab[number] += 1 }
    #expect((0..<1_000).allSatisfy { slab[$0] == $0 + 1 })
    #expect(slab.insert(0) == nil)
  }

  @Test func `any order of operations keeps to a model and frees every tenant once`() {
    let count = Tenant.Count()
    for seed in UInt64(1)...10 {
      var random = SeededRandom(seed: seed)
      var slab = Slab<Tenant>(limit: 150)
      var model: [Int: Int] = [:]
      var generations: [Int: UInt32] = [:]
      for step in 0..<3_000 {
        if random.below(5) < 3 {
          let place = slab.insert(Tenant(step, count))
          #expect((place == nil) == (model.count == 150))
          guard let place else { continue }
          #expect(model[place] == nil)
          if let earlier = generations[place] { #expect(slab.generation(place) != earlier) }
          generations[place] = slab.generation(place)
          model[place] = step
        } else if let place = model.keys.sorted().randomElement(using: &random) {
          #expect(slab[place].number == model[place])
          slab.remove(place)
          model[place] = nil
        }
        #expect(slab.count == model.count && count.living == model.count)
      }
      for place in 0..<slab.extent { #expect(slab.isUsed(place) == (model[place] != nil)) }
    }
    #expect(count.living == 0)
  }
}
