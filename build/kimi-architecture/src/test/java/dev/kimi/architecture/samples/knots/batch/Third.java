package dev.kimi.architecture.samples.knots.batch;

final class Third {
    First first;
}
