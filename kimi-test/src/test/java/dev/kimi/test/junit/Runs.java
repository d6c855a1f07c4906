package dev.kimi.test.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A class of tests, run within a test. */
public final class Runs implements TestExecutionListener {

    private final Map<String, String> failures = new TreeMap<>();
    private final Runnable whenOneHasEnded;
    private int tests;

    private Runs(Runnable whenOneHasEnded) {
        this.whenOneHasEnded = whenOneHasEnded;
    }

    public static Runs of(Class<?> tests) {
        return of(tests, Map.of(), () -> {});
    }

    /** One method of a class. */
    public static Runs of(Class<?> tests, String method) {
        return of(DiscoverySelectors.selectMethod(tests, method), Map.of(), () -> {});
    }

    static Runs of(Class<?> tests, Map<String, String> configuration, Runnable whenOneHasEnded) {
        return of(DiscoverySelectors.selectClass(tests), configuration, whenOneHasEnded);
    }

    private static Runs of(DiscoverySelector what, Map<String, String> configuration, Runnable whenOneHasEnded) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(what)
                .configurationParameters(configuration)
                .build();
        Runs runs = new Runs(whenOneHasEnded);
        LauncherFactory.create().execute(request, runs);
        assertThat(runs.tests).isPositive();
        return runs;
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        synchronized (this) {
            tests += identifier.isTest() ? 1 : 0;
            result.getThrowable()
                    .ifPresent(
                            failure -> failures.put(identifier.getDisplayName(), String.valueOf(failure.getMessage())));
        }
        if (identifier.isTest()) {
            whenOneHasEnded.run();
        }
    }

    /** The messages of what failed, by display name. */
    public synchronized Map<String, String> failures() {
        return failures;
    }

    public List<String> messages() {
        return List.copyOf(failures().values());
    }
}
