package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.AccessTarget;

/** What makes tests slow or fickle. */
final class TestRules {

    private TestRules() {}

    static Rule sleep(String base) {
        return Rule.of(
                "sleep",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .should()
                        .accessTargetWhere(CallRules.accessTo("a sleep", TestRules::sleeps)),
                "a sleep is too long on a fast machine and too short on a slow one: wait for an event, or use " + base
                        + ".time.VirtualTime");
    }

    static Rule timedAssertions(String base) {
        return Rule.of(
                "timedassertions",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .resideOutsideOfPackage(base + ".time")
                        .should()
                        .accessTargetWhere(CallRules.accessTo("a measured time", TestRules::measures)),
                "a busy machine fails it: assert on " + base + ".time.VirtualTime; speed belongs in the benchmark");
    }

    private static boolean sleeps(AccessTarget target) {
        String owner = target.getOwner().getName();
        return target.getName().equals("sleep")
                        && (owner.equals("java.lang.Thread") || owner.equals("java.util.concurrent.TimeUnit"))
                || owner.equals("java.util.concurrent.locks.LockSupport")
                        && target.getName().startsWith("parkN");
    }

    private static boolean measures(AccessTarget target) {
        String owner = target.getOwner().getName();
        return owner.equals("java.lang.System")
                        && (target.getName().equals("nanoTime")
                                || target.getName().equals("currentTimeMillis"))
                || owner.equals("org.junit.jupiter.api.Assertions")
                        && target.getName().startsWith("assertTimeout");
    }
}
