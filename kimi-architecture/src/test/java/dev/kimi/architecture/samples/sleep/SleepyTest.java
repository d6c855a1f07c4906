package dev.kimi.architecture.samples.sleep;

import java.util.concurrent.TimeUnit;

final class SleepyTest {
    static void pause() throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
    }
}
