import Failover
import Testing

@Test("the policies have the names that a configuration uses")
func names() {
  #expect(SwitchBack.allCases.map(\.rawValue) == ["never", "when-healthy"])
}
