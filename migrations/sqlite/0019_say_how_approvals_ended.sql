-- Why something that was approved cannot be given any more. News of before do not say it.
ALTER TABLE news ADD COLUMN ended TEXT CHECK (ended IN ('lapsed', 'outdated', 'taken_back'));
