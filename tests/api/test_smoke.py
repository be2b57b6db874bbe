def test_cast(cast):
    assert cast.alice.get("/me")["couple"]["partner"] == "Bob"
    assert cast.sam.get("/me")["pairing"] == "alone"
