package dev.kimi;

import dev.kimi.architecture.ArchitectureChecks;
import dev.kimi.architecture.Budget;
import dev.kimi.architecture.Rules;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {

    @TestFactory
    Stream<DynamicTest> the_classes_keep_the_rules() {
        return ArchitectureChecks.main(
                60,
                Rules.core(
                        "dev.kimi",
                        Budget.CORE,
                        "dev.kimi.time.WheelTimer",
                        "dev.kimi.BatchRunner",
                        "dev.kimi.GuardedWindow",
                        "dev.kimi.internal.util.Mailbox",
                        "dev.kimi.internal.endpoint.Admission",
                        "dev.kimi.internal.endpoint.CapacityWatch",
                        "dev.kimi.internal.endpoint.SharedAccount",
                        "dev.kimi.OwnedParts",
                        "dev.kimi.transport.SourceReading"));
    }

    @TestFactory
    Stream<DynamicTest> the_tests_keep_the_rules() {
        return ArchitectureChecks.tests(0, Rules.tests("dev.kimi"));
    }
}
