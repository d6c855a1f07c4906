package dev.kimi.architecture.samples.knots.batch;

final class First {
    Second second;
}
