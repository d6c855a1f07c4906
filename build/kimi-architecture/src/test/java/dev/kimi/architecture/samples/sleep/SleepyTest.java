package dev.kimi.architecture.samples.sleep;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

final class SleepyTest {
    static void sleep() throws InterruptedException {
        TimeUnit.SECONDS.sleep(1);
    }

    static boolean waitForNobody() throws InterruptedException {
        return new CountDownLatch(1).await(1, TimeUnit.SECONDS);
    }

    static void joinForAWhile(Thread other) throws InterruptedException {
        other.join(1_000);
    }

    static boolean acquireInTime(Semaphore places) throws InterruptedException {
        return places.tryAcquire(1, TimeUnit.SECONDS);
    }

    static void event(CountDownLatch event, Thread other) throws InterruptedException {
        event.await();
        other.join();
    }
}
