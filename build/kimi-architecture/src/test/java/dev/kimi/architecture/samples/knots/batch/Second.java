package dev.kimi.architecture.samples.knots.batch;

final class Second {
    Third third;
}
