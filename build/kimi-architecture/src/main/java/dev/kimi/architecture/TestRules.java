package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.AccessTarget;
import java.util.Map;
import java.util.Set;

/** What makes tests slow or fickle. */
final class TestRules {

    /** Sleeps, and waits that go on in silence when their time has passed: on what never comes they are a sleep. */
    private static final Map<String, Set<String>> SLEEPS = Map.of(
            "java.lang.Thread", Set.of("sleep", "join"),
            "java.lang.Object", Set.of("wait"),
            "java.util.concurrent.TimeUnit", Set.of("sleep", "timedJoin", "timedWait"),
            "java.util.concurrent.locks.LockSupport", Set.of("parkNanos", "parkUntil"),
            "java.util.concurrent.locks.Condition", Set.of("await", "awaitNanos", "awaitUntil"),
            "java.util.concurrent.CountDownLatch", Set.of("await"),
            "java.util.concurrent.Semaphore", Set.of("tryAcquire"),
            "java.util.concurrent.CompletableFuture", Set.of("delayedExecutor", "completeOnTimeout"));

    /** Those of them that have a form without a limit, which is no sleep. */
    private static final Set<String> ALSO_WITHOUT_LIMIT = Set.of("join", "wait", "await", "tryAcquire");

    private TestRules() {}

    static Rule sleep(String base) {
        return Rule.of(
                "sleep",
                noClasses()
                        .that()
                        .resideInAPackage(base + "..")
                        .should()
                        .accessTargetWhere(CallRules.accessTo("a sleep", TestRules::sleeps)),
                "a sleep is too long on a fast machine and too short on a slow one: wait for an event without a limit"
                        + " but the test's own @Timeout, or use " + base + ".time.VirtualTime");
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
        Set<String> names = SLEEPS.getOrDefault(target.getOwner().getName(), Set.of());
        return names.contains(target.getName()) && (!ALSO_WITHOUT_LIMIT.contains(target.getName()) || limited(target));
    }

    private static boolean limited(AccessTarget target) {
        return target instanceof AccessTarget.CodeUnitAccessTarget call
                && !call.getRawParameterTypes().isEmpty();
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
